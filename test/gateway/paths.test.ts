import { exchangeRaw } from '../support/raw-client';
import { startGateway, type TestGateway } from '../support/gateway';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

let tool: RecordingUpstream;
let gateway: TestGateway;

const get = (target: string, method = 'GET') =>
  exchangeRaw(gateway.httpsPort, `${method} ${target} HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n`);
const status = (answer: string) => Number(answer.slice(9, 12));
const location = (answer: string) => /^location: (.*)$/im.exec(answer)?.[1]?.trim();

beforeAll(async () => {
  tool = await recordingUpstream();
  gateway = await startGateway({
    mounts: [
      { name: 'kPow', path: '/kpow', target: tool.url },
      { name: 'Nested', path: '/kpow/inner', target: `${tool.url}/nested` },
      { name: 'Kept', path: '/kept', target: tool.url, prefix: 'keep' },
      { name: 'Based', path: '/based', target: `${tool.url}/base` },
      { name: 'Kept and based', path: '/both', target: `${tool.url}/base`, prefix: 'keep' },
      { name: 'Redirected', path: '/slash', target: tool.url, prefix: 'keep', trailingSlash: 'redirect' },
      { name: 'Bare', path: '/bare', target: tool.url, trailingSlash: 'pass' },
    ],
  });
});
beforeEach(() => (tool.requests.length = 0));
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

describe('a path reaches the tool byte for byte, less the prefix', () => {
  test.each([
    ['/kpow/', '/'],
    ['/kpow/x', '/x'],
    ['/kpow/x/', '/x/'],
    ['/kpow/a%2Fb', '/a%2Fb'],
    ['/kpow/a%2fb', '/a%2fb'],
    ['/kpow/a%20b', '/a%20b'],
    ['/kpow/a+b', '/a+b'],
    ['/kpow//a//b', '//a//b'],
    ['/kpow///', '///'],
    ['/kpow/a;v=1/b;jsessionid=2', '/a;v=1/b;jsessionid=2'],
    ['/kpow/x?', '/x?'],
    ['/kpow/x??a', '/x??a'],
    ['/kpow/x?a=1&a=2&b', '/x?a=1&a=2&b'],
    ['/kpow/x?next=/kpow/y?z', '/x?next=/kpow/y?z'],
    ['/kpow/?/../..', '/?/../..'],
    ['/kpow/caf%C3%A9', '/caf%C3%A9'],
    ["/kpow/!$&'()*,=:@~-._", "/!$&'()*,=:@~-._"],
    ['/kpow/%zz%', '/%zz%'],
    ['/kpow/a/../b', '/a/../b'],
    ['/kpow/./b', '/./b'],
    ['/kpow/a..b/..c', '/a..b/..c'],
    ['/kpow/"<>[]{}|^`', '/"<>[]{}|^`'],
    ['/%6bpow/x', '/x'],
    ['/kpow/inner/x', '/nested/x'],
    ['/kpow/innermost/x', '/innermost/x'],
    ['/kept/x?y', '/kept/x?y'],
    ['/kept', '/kept'],
    ['/kept?a', '/kept?a'],
    ['/based/x', '/base/x'],
    ['/based/', '/base/'],
    ['/both/x', '/base/both/x'],
    ['/bare', '/'],
    ['/bare?a=1', '/?a=1'],
    ['http://elsewhere.example/kpow/x?y', '/x?y'],
    ['https://elsewhere.example/kpow/x', '/x'],
  ])('%s arrives as %s', async (asked, arrived) => {
    expect(status(await get(asked))).toBe(200);
    expect(tool.requests.map(({ url }) => url)).toEqual([arrived]);
  });

  test('an absolute-form target names the host that the tool is told', async () => {
    await get('http://elsewhere.example/kpow/x');
    expect(tool.requests[0]?.headers.host).toBe('elsewhere.example');
    expect(tool.requests[0]?.headers['x-forwarded-host']).toBe('elsewhere.example');
  });
});

describe('a path that would leave its mount is refused', () => {
  test.each([
    '/kpow/..',
    '/kpow/../',
    '/kpow/../kept/x',
    '/kpow/a/../../b',
    '/kpow/%2e%2e/x',
    '/kpow/%2E./x',
    '/kpow/.%2e',
    '/kpow/..;/x',
    '/kpow/..;a=b/x',
    '/kpow/..%3b/x',
    '/kpow/..%2fx',
    '/kpow/a%2f..%2f..%2fx',
    '/kpow/..\\x',
    '/kpow/..%5cx',
    '/kpow//../x',
    '/kpow/./../x',
    '/kept/../kpow/x',
    '/kpow/../../../../etc/passwd',
  ])('%s', async (target) => {
    expect(status(await get(target))).toBe(400);
    expect(tool.requests).toEqual([]);
  });
});

describe('mounts match on whole segments', () => {
  test.each(['/kpow2', '/kpow2/x', '/kpo', '/kpow%2fx', '/KPOW/x', '//kpow/x', '/xkpow/', '/kpow;x/y', '/-/nope'])(
    '%s is no mount',
    async (target) => {
      expect(status(await get(target))).toBe(404);
      expect(tool.requests).toEqual([]);
    },
  );
});

describe('the trailing slash', () => {
  test.each([
    ['/kpow', '/kpow/'],
    ['/kpow?a=1&b', '/kpow/?a=1&b'],
    ['/kpow?', '/kpow/?'],
    ['/kpow/inner', '/kpow/inner/'],
    ['/slash', '/slash/'],
    ['/%6bpow', '/kpow/'],
  ])('%s is sent to %s', async (asked, sent) => {
    const answer = await get(asked);
    expect([status(answer), location(answer)]).toEqual([308, sent]);
    expect(tool.requests).toEqual([]);
  });

  test('a redirected POST keeps its method: 308', async () => {
    expect(status(await get('/kpow', 'POST'))).toBe(308);
  });
});

describe('a tool mounted at /', () => {
  let rooted: TestGateway;
  beforeAll(async () => {
    rooted = await startGateway({
      mounts: [
        { name: 'Root', path: '/', target: tool.url },
        { name: 'kPow', path: '/kpow', target: `${tool.url}/k` },
      ],
    });
  });
  afterAll(() => rooted.stop());
  const ask = (target: string) =>
    exchangeRaw(rooted.httpsPort, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

  test.each([
    ['/', '/'],
    ['/?a', '/?a'],
    ['/x//y', '/x//y'],
    ['/kpow2', '/kpow2'],
    ['/kpow/x', '/k/x'],
    ['//', '//'],
  ])('%s arrives as %s', async (asked, arrived) => {
    expect(status(await ask(asked))).toBe(200);
    expect(tool.requests.map(({ url }) => url)).toEqual([arrived]);
  });

  test('the gateway’s own paths stay its own', async () => {
    expect(status(await ask('/-/portal'))).toBe(200);
    expect(status(await ask('/-/up'))).toBe(200);
    expect(status(await ask('/-/nothing'))).toBe(404);
    expect(tool.requests).toEqual([]);
  });

  test('above / there is nothing', async () => {
    expect(status(await ask('/../x'))).toBe(400);
  });
});
