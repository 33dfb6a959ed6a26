import { rawUpstream, readUntil, recordingUpstream, type Upstream } from '../../support/upstreams';
import { everyone, gateway, libraries, status, through } from './subject';

const hidden = 'GET /admin HTTP/1.1\r\nHost: tools.example\r\n\r\n';
const chunked = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;

describe('a chunked request whose body looks like a request (CVE-2026-29057)', () => {
  const smuggle = (method: string) =>
    `${method} /a HTTP/1.1\r\nHost: tools.example\r\nConnection: upgrade\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(hidden)}`;

  describe.each(['DELETE', 'OPTIONS'])('%s', (method) => {
    test.each(libraries)('%s lets the hidden request run at the tool', async (library) => {
      const ran: string[] = [];
      const tool = await recordingUpstream();
      const both = new Promise<void>((resolve) => {
        tool.server.on('request', ({ method: asked = '', url = '' }) => {
          if (ran.push(`${asked} ${url}`) === 2) resolve();
        });
      });
      await through(library, tool, async ({ connect }) => {
        (await connect()).write(smuggle(method));
        await both;
      });
      expect(ran).toEqual([`${method} /a`, 'GET /admin']);
    });

    test('the gateway passes it on as the body that it is, framed once', async () => {
      const tool = await recordingUpstream();
      const answers = await through(gateway, tool, async ({ connect }) => {
        const client = (await connect()).write(smuggle(method));
        await client.until(/\r\n\r\nok$/);
        // Whatever might still be hidden in that connection to the tool would come before this.
        return client.write('GET /next HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n').end();
      });
      expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
      expect(tool.requests.map(({ method: asked, url }) => `${asked} ${url}`)).toEqual([`${method} /a`, 'GET /next']);
      expect(tool.requests[0]?.body.toString()).toBe(hidden);
      expect(tool.requests[0]?.headers['transfer-encoding']).toBe('chunked');
      expect(tool.requests[0]?.headers['content-length']).toBeUndefined();
    });
  });
});

describe('Transfer-Encoding: JUNK, chunked', () => {
  const request =
    'POST /a HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\nTransfer-Encoding: JUNK, chunked\r\n\r\n' +
    chunked('ok');
  let heads: string[];
  let tool: Upstream;
  beforeEach(async () => {
    heads = [];
    tool = await rawUpstream((socket) => {
      void readUntil(socket, '0\r\n\r\n').then((text) => {
        heads.push(text.slice(0, text.indexOf('\r\n\r\n')));
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
  });

  test.each(libraries)('%s passes it on unchanged', async (library) => {
    expect(status(await through(library, tool, ({ ask }) => ask(request)))).toBe(200);
    expect(heads[0]?.toLowerCase()).toContain('transfer-encoding: junk, chunked');
  });

  test('the gateway answers 501 and the tool gets nothing', async () => {
    expect(status(await through(gateway, tool, ({ ask }) => ask(request)))).toBe(501);
    expect(heads).toEqual([]);
  });
});

describe('bare LF as the end of a line', () => {
  // No defect: Node’s own parser is in front of all three, and nginx would take it.
  test.each(everyone)('%s answers 400', async (who) => {
    const tool = await recordingUpstream();
    const answer = await through(who, tool, ({ ask }) => ask('GET /a HTTP/1.1\nHost: tools.example\n\n'));
    expect(status(answer)).toBe(400);
    expect(tool.requests).toEqual([]);
  });
});

describe('an absolute-form target', () => {
  const request = 'GET http://tools.example/kpow/x HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n';

  test.each(libraries)('%s, mounted as its README mounts, does not find the mount', async (library) => {
    const tool = await recordingUpstream();
    const answer = await through(library, tool, ({ ask }) => ask(request), { mount: '/kpow' });
    expect(status(answer)).toBe(404);
  });

  test.each(libraries)('%s tells the tool the Host field, not the host that was asked for', async (library) => {
    const tool = await recordingUpstream();
    await through(library, tool, ({ ask }) => ask(request));
    expect(tool.requests[0]?.headers.host).toBe('elsewhere.example');
  });

  test('the gateway matches the mount on its path and tells the tool its host', async () => {
    const tool = await recordingUpstream();
    const answer = await through(gateway, tool, ({ ask }) => ask(request), { mount: '/kpow' });
    expect(status(answer)).toBe(200);
    expect(tool.requests.map(({ url, headers }) => [url, headers.host])).toEqual([['/kpow/x', 'tools.example']]);
  });
});
