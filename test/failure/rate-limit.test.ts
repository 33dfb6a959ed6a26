import { rawUpstream } from '../support/upstreams';
import { refusingPort } from '../support/free-ports';
import { testConfig } from '../support/gateway';
import { readAnswer, type Answer } from './support/answer';
import {
  expectFailure,
  expectNoAddress,
  lineWith,
  requestText,
  until,
  useScenes,
  type Scene,
  type SceneOptions,
} from './support/scene';
import { echoPath, type Script } from './support/tool';
import { accepted, handshakeText, openWebsocket } from './support/websocket';

const scenes = useScenes();
const withLimit = (rateLimit: object, { script = echoPath, ...more }: SceneOptions & { script?: Script } = {}) =>
  scenes.with(script, { ...more, mount: { rateLimit, ...more.mount } });

/** Asks until it has another answer than this. */
async function askUntilNot(status: number, scene: Scene): Promise<Answer> {
  for (;;) {
    const answer = await scene.ask();
    if (answer.status !== status) return answer;
  }
}

const statuses = async (scene: Scene, asked: readonly (readonly string[])[]): Promise<number[]> => {
  const found: number[] = [];
  for (const fields of asked) found.push((await scene.ask('/tool/', { fields })).status);
  return found;
};

describe('a client that asks too often', () => {
  test('is told so and when to come back, and the tool hears nothing of it', async () => {
    const scene = await withLimit({ requests: 2, per: '1h' });
    expect(await statuses(scene, [[], []])).toEqual([200, 200]);
    const answer = await scene.ask();
    await expectFailure(scene, answer, 429, 'RATE_LIMITED');
    const wait = Number(answer.headers['retry-after']);
    expect(Number.isInteger(wait) && wait > 3_500 && wait <= 3_600).toBe(true);
    expect(JSON.parse(answer.body)).toMatchObject({
      title: 'Too many requests to Tool',
      advice: expect.arrayContaining(['Try again in 60 minutes.']),
    });
    expect(scene.tool.requests).toHaveLength(2);
  });

  test('people are told on a page', async () => {
    const scene = await withLimit({ requests: 1, per: '10s' });
    await scene.ask();
    const answer = await scene.ask('/tool/', { fields: ['Accept: text/html'] });
    expect([answer.status, answer.headers['content-type']]).toEqual([429, 'text/html; charset=utf-8']);
    expect(answer.body).toMatch(/Try again in \d+ seconds?\./);
    expectNoAddress(answer.raw);
  });

  test('is served again when the time is over', async () => {
    const scene = await withLimit({ requests: 1, per: '1s' });
    await scene.ask();
    const refused = await scene.ask();
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect((await askUntilNot(429, scene)).status).toBe(200);
    expect((await scene.ask()).status).toBe(429);
  });

  test('the same request over and over on one connection counts each time', async () => {
    const scene = await withLimit({ requests: 3, per: '1h' });
    const client = await scene.client();
    for (let count = 1; count <= 3; count++) {
      client.write(requestText('/tool/again'));
      await client.once(() => client.text.split('HTTP/1.1 200').length === count + 1);
    }
    client.write(requestText('/tool/again'));
    expect(await client.until('RATE_LIMITED')).toContain('HTTP/1.1 429');
    // It may go on there, with what is not counted.
    client.write(requestText('/-/up', { fields: ['Connection: close'] }));
    expect((await client.end()).split('HTTP/1.1 200')).toHaveLength(5);
    expect(scene.tool.requests).toHaveLength(3);
  });

  test('requests sent at once count each, and are answered in their order', async () => {
    const scene = await withLimit({ requests: 2, per: '1h' });
    const client = await scene.client();
    client.write(
      requestText('/tool/') + requestText('/tool/') + requestText('/tool/', { fields: ['Connection: close'] }),
    );
    expect((await client.end()).match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 429']);
  });

  test('a body does not keep the answer from arriving', async () => {
    const scene = await withLimit({ requests: 1, per: '1h' });
    await scene.ask();
    const body = 'x'.repeat(1_000_000);
    const fields = [`Content-Length: ${body.length}`];
    await expectFailure(scene, await scene.ask('/tool/', { method: 'PUT', fields, body }), 429, 'RATE_LIMITED');
  });

  test('a websocket counts as one request', async () => {
    const script: Script = (socket) => void socket.write(accepted);
    const scene = await withLimit({ requests: 2, per: '1h' }, { script });
    for (let count = 0; count < 2; count++) await (await openWebsocket(scene)).open();
    const refused = await (await openWebsocket(scene)).refused();
    await expectFailure(scene, refused, 429, 'RATE_LIMITED');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3_500);
    expect(scene.tool.requests).toHaveLength(2);
  });
});

describe('what does not count', () => {
  test("the gateway's own pages, what it refuses, and its redirects", async () => {
    const scene = await withLimit({ requests: 1, per: '1h' }, { mount: { deny: '/admin', methods: ['GET'] } });
    for (let count = 0; count < 2; count++) {
      expect((await scene.ask('/')).status).toBe(200);
      expect((await scene.ask('/-/up')).status).toBe(200);
      expect((await scene.ask('/tool/admin')).status).toBe(403);
      expect((await scene.ask('/tool/', { method: 'DELETE' })).status).toBe(405);
      expect((await scene.ask('/tool')).status).toBe(308);
    }
    expect(await statuses(scene, [[], []])).toEqual([200, 429]);
    expect((await scene.ask('/-/healthy')).status).toBe(200);
  });

  test('requests for another mount', async () => {
    const other = await scenes.with(echoPath);
    const mounts = [
      { name: 'Tool', path: '/tool', target: other.tool.url, rateLimit: { requests: 1, per: '1h' } },
      { name: 'Other', path: '/other', target: other.tool.url, rateLimit: { requests: 1, per: '1h' } },
      { name: 'Free', path: '/free', target: other.tool.url },
    ];
    const scene = await scenes.before(other.tool.url, { mounts });
    const asked = ['/tool/', '/tool/', '/other/', '/other/', '/free/', '/free/'];
    const found: number[] = [];
    for (const path of asked) found.push((await scene.ask(path)).status);
    expect(found).toEqual([200, 429, 200, 429, 200, 200]);
  });
});

describe('clients', () => {
  const from = (address: string) => [`X-Forwarded-For: ${address}`];

  test('are told apart by what a trusted proxy says', async () => {
    const scene = await withLimit({ requests: 1, per: '1h' }, { trustedProxies: ['loopback'] });
    expect(
      await statuses(scene, [
        from('192.0.2.1'),
        from('192.0.2.1'),
        from('192.0.2.2'),
        from('203.0.113.9, 192.0.2.2'),
        ['Forwarded: for=192.0.2.3'],
        ['Forwarded: for="192.0.2.3:4711"'],
      ]),
    ).toEqual([200, 429, 200, 429, 200, 429]);
  });

  test('are one network each where they come by IPv6', async () => {
    const scene = await withLimit({ requests: 1, per: '1h' }, { trustedProxies: ['loopback'] });
    expect(
      await statuses(scene, [
        from('2001:db8:0:1::1'),
        from('2001:db8:0:1:ffff::2'),
        from('2001:db8:0:2::1'),
        from('::ffff:192.0.2.1'),
        from('192.0.2.1'),
      ]),
    ).toEqual([200, 429, 200, 200, 429]);
  });

  test('get no other count by what they say of themselves', async () => {
    const scene = await withLimit({ requests: 1, per: '1h' });
    expect(
      await statuses(scene, [
        [],
        from('192.0.2.1'),
        ['Forwarded: for=192.0.2.1'],
        ['X-Real-IP: 192.0.2.1'],
        ['X_Forwarded_For: 192.0.2.1'],
      ]),
    ).toEqual([200, 429, 429, 429, 429]);
  });
});

describe('a reload', () => {
  const configOf = (target: string, requests: number) =>
    testConfig({
      listen: { http: { mode: 'serve' } },
      mounts: [{ name: 'Tool', path: '/tool', target, rateLimit: { requests, per: '1h' } }],
    });

  test('keeps the counts of a limit that stays, and begins anew with one that changes', async () => {
    const scene = await withLimit({ requests: 2, per: '1h' });
    expect(await statuses(scene, [[], [], []])).toEqual([200, 200, 429]);
    await scene.gateway.gateway.reload(configOf(scene.tool.url, 2));
    expect((await scene.ask()).status).toBe(429);
    await scene.gateway.gateway.reload(configOf(scene.tool.url, 1));
    expect(await statuses(scene, [[], []])).toEqual([200, 429]);
  });

  test('that brings a limit holds on connections that are open, also for a request that came before', async () => {
    const scene = await scenes.with(echoPath);
    const client = await scene.client();
    client.write(requestText('/tool/'));
    await client.once(() => client.text.split('HTTP/1.1 200').length === 2);
    await scene.gateway.gateway.reload(configOf(scene.tool.url, 1));
    client.write(requestText('/tool/'));
    await client.once(() => client.text.split('HTTP/1.1 200').length === 3);
    client.write(requestText('/tool/'));
    await client.until('RATE_LIMITED');
  });
});

describe('a store that', () => {
  const timeout = '100ms';
  const isAway = (line: Record<string, unknown>) => / is away, /.test(String(line['msg']));

  /** Stores that fail, each in its way. */
  const stores: readonly [string, () => Promise<number>][] = [
    ['is not there', refusingPort],
    ['takes connections and says nothing', () => storeOf(() => undefined)],
    ['closes connections', () => storeOf((socket) => void socket.once('data', () => socket.destroy()))],
    [
      'answers something else than numbers',
      () => storeOf((socket) => void socket.on('data', () => socket.write('*2\r\n$3\r\nabc\r\n$3\r\nxyz\r\n'))),
    ],
    ['speaks another protocol', () => storeOf((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
  ];

  async function storeOf(script: Parameters<typeof rawUpstream>[0]): Promise<number> {
    const store = await rawUpstream(script);
    scenes.after(() => store.close());
    return store.port;
  }

  describe.each(stores)('%s', (_, open) => {
    const withStore = async (whenStoreAway: string) => {
      const rateLimitStore = { url: `redis://gateway:s3cr3t@127.0.0.1:${await open()}`, timeout };
      return withLimit({ requests: 1, per: '1h', whenStoreAway }, { rateLimitStore });
    };

    test('leaves each gateway to count alone, and its failure is said once, without the password', async () => {
      const scene = await withStore('count-alone');
      expect((await scene.ask()).status).toBe(200);
      await expectFailure(scene, await scene.ask(), 429, 'RATE_LIMITED');
      const line = await scene.gateway.line(isAway);
      expect(line['level']).toBe('warn');
      expect(scene.gateway.lines.filter(isAway)).toEqual([line]);
      expect(JSON.stringify(scene.gateway.lines)).not.toContain('s3cr3t');
    });

    test('lets everything through where the mount says allow', async () => {
      const scene = await withStore('allow');
      expect(await statuses(scene, [[], [], []])).toEqual([200, 200, 200]);
    });

    test('is a 503 where the mount says refuse, but not for the gateway itself', async () => {
      const scene = await withStore('refuse');
      const answer = await scene.ask();
      await expectFailure(scene, answer, 503, 'RATE_LIMIT_UNKNOWN');
      expect(answer.headers['retry-after']).toBe('5');
      expect((await scene.ask('/-/healthy')).status).toBe(200);
      expect((await scene.ask('/-/metrics')).body).toContain('kpow_gateway_rate_limit_store_up 0');
      expect(scene.tool.requests).toEqual([]);
    });
  });

  test('says nothing keeps the body for the tool meanwhile', async () => {
    const url = `redis://127.0.0.1:${await storeOf(() => undefined)}`;
    const bodies: string[] = [];
    const tool = await rawUpstream((socket) => {
      let text = '';
      socket.on('data', (bytes: Buffer) => {
        text += bytes.toString('latin1');
        if (!text.endsWith('the end')) return;
        bodies.push(text.slice(text.indexOf('\r\n\r\n') + 4));
        socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    scenes.after(() => tool.close());
    const rateLimit = { requests: 1, whenStoreAway: 'allow' };
    const scene = await scenes.before(tool.url, { mount: { rateLimit }, rateLimitStore: { url, timeout } });
    const body = `${'x'.repeat(300_000)}the end`;
    const fields = [`Content-Length: ${body.length}`];
    expect((await scene.ask('/tool/', { method: 'POST', fields, body })).status).toBe(204);
    expect(bodies).toEqual([body]);
  });

  test('says nothing costs a websocket no byte of what its client says early', async () => {
    const url = `redis://127.0.0.1:${await storeOf(() => undefined)}`;
    const script: Script = (socket) => void socket.write(accepted);
    const rateLimit = { requests: 1, whenStoreAway: 'allow' };
    const scene = await withLimit(rateLimit, { script, rateLimitStore: { url, timeout } });
    const client = await scene.client();
    client.write(`${handshakeText()}early`);
    const { socket } = await scene.tool.request(0);
    let heard = scene.tool.requests[0]?.rest ?? '';
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')));
    await client.until('101 Switching Protocols');
    await until(() => heard.endsWith('early'));
  });

  /** Answers when it is connected to, counting once, and nothing after that. */
  async function silencedStore() {
    const asked: string[] = [];
    const port = await storeOf((socket) => {
      socket.on('data', (bytes: Buffer) => {
        asked.push(bytes.toString('latin1'));
        if (asked.length === 1) socket.write('*2\r\n:1\r\n:1000\r\n');
      });
    });
    return { url: `redis://127.0.0.1:${port}`, asked };
  }

  test('falls silent makes no request wait for longer than its time, and then none at all', async () => {
    const { url, asked } = await silencedStore();
    const rateLimit = { requests: 1, whenStoreAway: 'refuse' };
    const scene = await withLimit(rateLimit, { rateLimitStore: { url, timeout } });
    await until(() => asked.length === 1);
    await expectFailure(scene, await scene.ask(), 503, 'RATE_LIMIT_UNKNOWN');
    expect(await scene.gateway.line(isAway)).toMatchObject({ msg: expect.stringContaining('no answer within 100 ms') });
    expect(asked.filter((text) => text.includes('127.0.0.1'))).toHaveLength(1);
    expect(await statuses(scene, [[], []])).toEqual([503, 503]);
    expect(asked.filter((text) => text.includes('127.0.0.1'))).toHaveLength(1);
  });

  test.each(['a request', 'a websocket'])(
    'falls silent while the client of %s leaves costs nothing, and the tool hears of nobody',
    async (kind) => {
      const { url, asked } = await silencedStore();
      const rateLimit = { requests: 1, whenStoreAway: 'allow' };
      const scene = await withLimit(rateLimit, { rateLimitStore: { url, timeout: '1s' } });
      const client = await scene.client();
      client.write(kind === 'a request' ? requestText('/tool/') : handshakeText());
      await until(() => asked.some((text) => text.includes('127.0.0.1')));
      client.reset();
      expect((await lineWith(scene, 499))['code']).toBe('CLIENT_CLOSED');
      // Answered behind it: what was counted together ends together.
      expect((await scene.ask('/tool/later')).body).toBe('/later');
      expect(scene.tool.requests.map(({ path }) => path)).toEqual(['/later']);
    },
  );

  test('falls silent does not keep the gateway from stopping', async () => {
    const { url, asked } = await silencedStore();
    const scene = await withLimit({ requests: 1, whenStoreAway: 'refuse' }, { rateLimitStore: { url, timeout: '1s' } });
    const client = await scene.client();
    client.write(requestText('/tool/'));
    await until(() => asked.some((text) => text.includes('127.0.0.1')));
    const stopped = scene.gateway.stop();
    expect(readAnswer(await client.end()).status).toBe(503);
    await stopped;
  });
});
