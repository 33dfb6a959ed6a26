import { expectFailure, publicHost, requestText, until, useScenes, type SceneOptions } from './support/scene';
import { echoPath } from './support/tool';
import { accepted, handshakeText } from './support/websocket';
import type { RawMount } from '../support/gateway';
import { readAnswer } from './support/answer';

const scenes = useScenes();
const withMount = (mount: Partial<RawMount>, more: SceneOptions = {}) => scenes.with(echoPath, { mount, ...more });

describe('addresses', () => {
  test('one that is allowed is let through, another is a 403 that the tool knows nothing of', async () => {
    expect((await (await withMount({ allow: ['loopback'] })).ask()).status).toBe(200);
    const scene = await withMount({ allow: ['192.0.2.0/24'] });
    await expectFailure(scene, await scene.ask(), 403, 'CLIENT_NOT_ALLOWED');
    expect(scene.tool.requests).toEqual([]);
  });

  test('what a stranger says of its address opens nothing', async () => {
    for (const allow of [['192.0.2.0/24'], ['loopback']]) {
      const scene = await withMount({ allow });
      for (const field of ['X-Forwarded-For: 192.0.2.7', 'X_Forwarded_For: 192.0.2.7', 'Forwarded: for=192.0.2.7'])
        await expectFailure(scene, await scene.ask('/tool/', { fields: [field] }), 403, 'CLIENT_NOT_ALLOWED');
    }
  });

  test('what a trusted proxy says counts', async () => {
    const scene = await withMount({ allow: ['192.0.2.0/24'] }, { trustedProxies: ['loopback'] });
    expect((await scene.ask('/tool/', { fields: ['X-Forwarded-For: 192.0.2.7'] })).status).toBe(200);
    const answer = await scene.ask('/tool/', { fields: ['X-Forwarded-For: 192.0.2.7, 198.51.100.1'] });
    await expectFailure(scene, answer, 403, 'CLIENT_NOT_ALLOWED');
  });
});

describe('denied paths', () => {
  test.each([
    '/metrics/v1',
    '/metrics/v1/x?y',
    '/Metrics//v1',
    '/metrics%2fv1',
    '/x/%2e%2e/metrics/v1',
    '/metrics;/v1',
  ])('%s is a 403', async (path) => {
    const scene = await withMount({ deny: ['/metrics/v1', '/offsets/v1'] });
    await expectFailure(scene, await scene.ask(`/tool${path}`), 403, 'PATH_DENIED');
    expect(scene.tool.requests).toEqual([]);
  });

  test('others are served, a denied one in the query included', async () => {
    const scene = await withMount({ deny: '/metrics/v1' });
    for (const path of ['/', '/metrics', '/metrics/v10', '/x?/metrics/v1'])
      expect((await scene.ask(`/tool${path}`)).status).toBe(200);
  });

  test('where the prefix is kept they are inside the mount as well', async () => {
    const scene = await withMount({ deny: ['/admin'], prefix: 'keep' });
    await expectFailure(scene, await scene.ask('/tool/admin'), 403, 'PATH_DENIED');
  });

  test('one connection asks for both', async () => {
    const scene = await withMount({ deny: ['/admin'] });
    const client = await scene.client();
    client.write(requestText('/tool/open'));
    await client.until('/open');
    client.write(requestText('/tool/admin', { fields: ['Connection: close'] }));
    expect(await client.end()).toContain('PATH_DENIED');
  });
});

describe('methods', () => {
  test('those that are not let through are a 405 that says which are', async () => {
    const scene = await withMount({ methods: 'read-only' });
    expect((await scene.ask()).status).toBe(200);
    for (const method of ['POST', 'DELETE', 'PATCH']) {
      const answer = await scene.ask('/tool/', { method });
      await expectFailure(scene, answer, 405, 'METHOD_DENIED');
      expect(answer.headers['allow']).toBe('GET, HEAD, OPTIONS');
    }
  });

  test('a body does not keep the answer from arriving', async () => {
    const scene = await withMount({ methods: ['GET'] });
    const body = 'x'.repeat(1_000_000);
    const answer = await scene.ask('/tool/', { method: 'PUT', fields: [`Content-Length: ${body.length}`], body });
    await expectFailure(scene, answer, 405, 'METHOD_DENIED');
  });

  test.each(['X-HTTP-Method-Override: DELETE', 'x_http_method_override: delete', 'X-Method-Override: PUT'])(
    'a GET that asks to be taken for another is one: %s',
    async (field) => {
      const scene = await withMount({ methods: ['GET', 'POST'] });
      await expectFailure(scene, await scene.ask('/tool/', { fields: [field] }), 405, 'METHOD_DENIED');
      expect((await scene.ask('/tool/', { fields: ['X-HTTP-Method-Override: POST'] })).status).toBe(200);
    },
  );
});

describe('names', () => {
  const hosts = ['other.example'];

  test('a request for one that is not served is a 421, for a tool and for the portal', async () => {
    const scene = await scenes.with(echoPath, { hosts });
    await expectFailure(scene, await scene.ask(), 421, 'MISDIRECTED');
    await expectFailure(scene, await scene.ask('/'), 421, 'MISDIRECTED');
    expect(scene.tool.requests).toEqual([]);
  });

  test('one that is served is served, by its name in the target as well', async () => {
    const scene = await scenes.with(echoPath, { hosts: [publicHost] });
    expect((await scene.ask()).status).toBe(200);
    expect((await scene.ask(`http://${publicHost.toUpperCase()}:1234/tool/`)).status).toBe(200);
    await expectFailure(scene, await scene.ask('http://evil.example/tool/'), 421, 'MISDIRECTED');
  });

  test('probes come by any name', async () => {
    const scene = await scenes.with(echoPath, { hosts });
    expect((await scene.ask('/-/up')).status).toBe(200);
    expect((await scene.ask('/-/healthy')).status).toBe(200);
  });
});

describe('a websocket that a page of another site asks for', () => {
  const open = async (mount: Partial<RawMount>, origin: string) => {
    const scene = await scenes.with((socket) => void socket.write(accepted), { mount });
    const client = await scene.client();
    client.write(handshakeText('/tool/live', [`Origin: ${origin}`]));
    return { scene, client };
  };

  test.each([`https://evil.example`, `http://${publicHost}`, `https://${publicHost}:8443`, 'null'])(
    'is a 403: %s',
    async (origin) => {
      const { scene, client } = await open({}, origin);
      await expectFailure(scene, readAnswer(await client.end()), 403, 'ORIGIN_DENIED');
      expect(scene.tool.requests).toEqual([]);
    },
  );

  test.each<[string, string, Partial<RawMount>]>([
    ['of the gateway itself', `https://${publicHost}`, {}],
    ['that the mount allows', 'https://portal.example', { origins: ['https://portal.example:443'] }],
    ['where the mount allows any', 'null', { origins: 'any' }],
  ])('is let through for a page %s', async (_, origin, mount) => {
    const { scene, client } = await open(mount, origin);
    await client.until('101 Switching Protocols');
    await until(() => scene.tool.requests.length === 1);
  });
});
