import { accepted, handshakeFields } from '../failure/support/websocket';
import { readAnswer } from '../failure/support/answer';
import { startTool, type Tool } from '../failure/support/tool';
import { startGateway, type TestGateway } from '../support/gateway';
import { keepFromRelay } from '../support/keep-from-relay';
import { RawClient } from '../support/raw-client';

/** What the tool answers next: the fields of its answer, each with its CRLF. */
let says = '';
let tool: Tool;
let gateway: TestGateway;

beforeAll(async () => {
  tool = await startTool((socket, { head }) => {
    const bytes = /^upgrade:/im.test(head)
      ? accepted.replace('\r\n\r\n', () => `\r\n${says}\r\n`)
      : `HTTP/1.1 302 Found\r\n${says}Content-Length: 0\r\n\r\n`;
    socket.write(Buffer.from(bytes, 'latin1'));
  });
  const mounts = [
    { name: 'R$&D2', path: '/strip', target: tool.url, names: 'a1b2c3d4:20116', deny: ['/private'] },
    { name: 'Keep', path: '/keep', target: tool.url, prefix: 'keep', names: ['a1b2c3d4:20116'] },
    { name: 'Adopt', path: '/adopt', target: tool.url, prefix: 'adopt', names: ['a1b2c3d4:20116'] },
    { name: 'Based', path: '/based', target: `${tool.url}/base`, host: 'target' },
    {
      name: 'Sticky',
      path: '/sticky',
      target: [tool.url, tool.url.replace('127.0.0.1', 'localhost')],
      balance: 'least-connections',
      sticky: true,
    },
  ];
  gateway = await startGateway({ listen: { http: { mode: 'serve' } }, mounts });
});
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

describe.each(['relay', 'app'] as const)('by the %s', (way) => {
  async function send(
    target: string,
    { fields = [] as readonly string[], method = 'GET', host = 'tools.example' } = {},
  ) {
    const before = tool.requests.length;
    const lines = gateway.lines.length;
    const client = await RawClient.connect(gateway.httpPort, false);
    if (way === 'app') keepFromRelay(client);
    const close = fields.some((field) => /^upgrade:/i.test(field)) ? [] : ['Connection: close'];
    client.write([`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...fields, ...close, '', ''].join('\r\n'));
    const raw = close.length > 0 ? await client.end() : await client.until('\r\n\r\n');
    client.destroy();
    const answer = readAnswer(raw);
    const line = await gateway.line((it) => it['way'] !== undefined && gateway.lines.indexOf(it) >= lines);
    const got = tool.requests[before]?.head ?? null;
    const values = (text: string | null, name: string) =>
      [...(text ?? '').matchAll(/^([^:\r\n]+): ?(.*)\r$/gm)].flatMap(([, it = '', value = '']) =>
        it.toLowerCase() === name ? [value] : [],
      );
    return {
      status: answer.status,
      body: answer.body,
      way: line['way'],
      answered: (name: string) => values(raw, name),
      got: (name: string) => values(got, name),
      arrived: got !== null,
    };
  }
  const adopts = (path: string) => path.startsWith('/adopt');

  test.each(['/strip', '/keep', '/adopt'])(
    'a redirect to the tool’s other name leads back under %s, and one that no parser takes is passed on',
    async (path) => {
      const own = path === '/keep' ? '/keep/login' : '/login';
      says = `Location: http://a1b2c3d4:20116${own}\r\nContent-Location: //A1B2C3D4:20116${own}\r\nRefresh: 1; url=http://a1b2c3d4:20116${own}\r\n`;
      const answer = await send(`${path}/x`);
      expect(answer.way).toBe(adopts(path) ? 'app' : way);
      expect(answer.status).toBe(302);
      expect(answer.answered('location')).toEqual([`${path}/login`]);
      expect(answer.answered('content-location')).toEqual([`${path}/login`]);
      expect(answer.answered('refresh')).toEqual([`1; url=${path}/login`]);
      says =
        'Location: /\\a:99999999/../..\r\nContent-Location: \\\\a\xc3\x97b/../x\r\nRefresh: 0; url=/\\[::/../..\r\n';
      const odd = await send(`${path}/x`);
      expect(odd.status).toBe(302);
      expect(odd.answered('location')).toEqual([path === '/keep' ? '/' : `${path}/`]);
    },
  );

  test.each(['', 'websocket'])('no cookie of the gateway’s is set by a tool, nor seen by it %s', async (kind) => {
    const spellings = ['kpow_gateway_target=x', '=kpow_gateway_target=x', 'KPOW_gateway_at_1 = 1', 'kpow_gateway_at_1'];
    says = [
      ...spellings.map((it) => `Set-Cookie: ${it}; Path=/\r\n`),
      'set-cookie: a=1; Domain=127.0.0.1; Path=/\r\n',
    ].join('');
    const fields = [...(kind === '' ? [] : handshakeFields), 'Cookie: a=b; KPOW_gateway_x=1; __Host-kpow_gateway_y=2'];
    for (const path of ['/strip', '/keep', '/adopt', '/sticky']) {
      const answer = await send(`${path}/x`, { fields });
      expect([answer.status, answer.way]).toEqual([kind === '' ? 302 : 101, adopts(path) ? 'app' : way]);
      const cookies = answer.answered('set-cookie');
      expect(cookies).toContain(`a=1; Path=${path}`);
      const ours = cookies.filter((it) => it !== `a=1; Path=${path}`);
      if (path === '/sticky')
        expect(ours).toEqual([expect.stringMatching(/^kpow_gateway_target=[\w-]{43}; Path=\/sticky;/)]);
      else expect(ours).toEqual([]);
      expect(answer.got('cookie')).toEqual(['a=b']);
    }
  });

  test('the gateway’s own cookie still finds the target again', async () => {
    says = 'Set-Cookie: kpow_gateway_target=mine\r\n';
    const [cookie = ''] = (await send('/sticky/x')).answered('set-cookie');
    const again = await send('/sticky/x', { fields: [`Cookie: ${cookie.split(';')[0] ?? ''}`] });
    expect(again.answered('set-cookie')).toEqual([]);
  });

  test('interim answers and trailers set no cookie either', async () => {
    says = '';
    const bytes =
      'HTTP/1.1 102 Processing\r\nSet-Cookie: kpow_gateway_target=1\r\n\r\n' +
      'HTTP/1.1 103 Early Hints\r\nSet-Cookie: kpow_gateway_target=2\r\nLink: </a>; rel=preload\r\n\r\n' +
      'HTTP/1.1 200 OK\r\nTrailer: Set-Cookie\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nSet-Cookie: kpow_gateway_target=3\r\n\r\n';
    const interim = await startTool((socket) => void socket.write(bytes));
    const mounts = [{ name: 'Interim', path: '/i', target: interim.url }];
    const other = await startGateway({ listen: { http: { mode: 'serve' } }, mounts });
    const client = await RawClient.connect(other.httpPort, false);
    if (way === 'app') keepFromRelay(client);
    const raw = await client.write('GET /i/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').end();
    await other.stop();
    await interim.close();
    expect(readAnswer(raw).status).toBe(200);
    expect(raw).not.toMatch(/set-cookie: kpow/i);
  });

  test('the URLs of a request that has any name the tool', async () => {
    says = '';
    const fields = [
      'If: <http://tools.example/strip/x> (<urn:uuid:1> ["a"])',
      'Destination: http://tools.example/strip/y%20',
    ];
    const answer = await send('/strip/x', { method: 'PUT', fields: [...fields, 'Content-Length: 0'] });
    expect(answer.way).toBe(way);
    expect(answer.got('if')).toEqual(['<http://tools.example/x> (<urn:uuid:1> ["a"])']);
    expect(answer.got('destination')).toEqual(['http://tools.example/y%20']);
  });

  test.each([
    ['/strip', 'http://tools.example/strip/y', 'http://tools.example/y'],
    ['/strip', '/strip/y', '/y'],
    ['/strip', 'http://a1b2c3d4:20116/y', 'http://tools.example/y'],
    ['/strip', 'https://other.example/y', 'https://other.example/y'],
    ['/keep', 'http://tools.example/keep/y', 'http://tools.example/keep/y'],
    ['/adopt', 'http://tools.example/adopt/y', 'http://tools.example/y'],
  ])('MOVE in %s to %s arrives as %s', async (path, said, told) => {
    says = '';
    for (const method of ['MOVE', 'COPY']) {
      const answer = await send(`${path}/x`, { method, fields: [`Destination: ${said}`] });
      expect(answer.got('destination')).toEqual([told]);
    }
  });

  test('a base path and the tool’s own Host', async () => {
    says = '';
    const fields = ['Destination: http://tools.example/based/y'];
    const answer = await send('/based/x', { method: 'MOVE', fields });
    expect(answer.got('destination')).toEqual([`${tool.url}/base/y`]);
  });

  test.each([
    ['/strip', 'http://tools.example/keep/y', 502, 'DESTINATION_OUTSIDE'],
    ['/strip', '/y', 502, 'DESTINATION_OUTSIDE'],
    ['/strip', 'http://tools.example/-/up', 502, 'DESTINATION_OUTSIDE'],
    ['/keep', 'https://tools.example/strip/y', 502, 'DESTINATION_OUTSIDE'],
    ['/based', 'https://other.example/secret', 502, 'DESTINATION_OUTSIDE'],
    ['/strip', 'http://tools.example/strip/../keep/y', 400, 'PATH_ESCAPES'],
    ['/based', '/based/%2e%2e/secret', 400, 'PATH_ESCAPES'],
    ['/strip', 'http://tools.example/strip/private/y', 403, 'PATH_DENIED'],
    ['/strip', '/strip/%70rivate', 403, 'PATH_DENIED'],
    ['/strip', 'https://other.example/private/y', 403, 'PATH_DENIED'],
    ['/strip', 'private/y', 403, 'PATH_DENIED'],
    ['/strip', '//private/y', 403, 'PATH_DENIED'],
    // URL parsers read these as `/private/y` and as `/y`, others as other paths (RFC 4918 §10.3 has none of them).
    ['/strip', '//other.example/private/y', 502, 'DESTINATION_OUTSIDE'],
    ['/strip', '//tools.example/strip/private/y', 502, 'DESTINATION_OUTSIDE'],
    ['/strip', String.raw`http:\\other.example\private\y`, 502, 'DESTINATION_OUTSIDE'],
    ['/strip', String.raw`https://other.example\private/y`, 502, 'DESTINATION_OUTSIDE'],
    ['/strip', '/strip/.\t./y', 502, 'DESTINATION_OUTSIDE'],
  ])('MOVE in %s to %s is refused: %s %s', async (path, destination, status, code) => {
    const fields = ['Destination: http://tools.example/strip/y', `destination: ${destination}`].slice(
      path === '/strip' ? 0 : 1,
    );
    const answer = await send(`${path}/x`, { method: 'MOVE', fields });
    expect(answer.arrived).toBe(false);
    const { title, ...problem } = JSON.parse(answer.body) as Record<string, unknown>;
    expect([answer.status, problem['code']]).toEqual([status, code]);
    if (code !== 'PATH_ESCAPES') expect(title).toMatch(path === '/strip' ? 'R$&D2' : /Keep|Based/);
  });
});
