import { compareRequestHead } from '../../fuzz/compare';
import { maybeRequestHead, readRequestFields, readRequestLine } from '../../../src/relay/request-head';

const fieldsOf = (...lines: string[]) => readRequestFields(lines.map((line) => `${line}\r\n`).join(''));

const everyByte = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

describe('a request line is taken', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('with %s', (method) => {
    const line = `${method} /a?b=c HTTP/1.1\r\n`;
    expect(readRequestLine(`${line}Host: a\r\n`)).toEqual({ method, target: '/a?b=c', end: line.length });
  });

  test.each(['/', '//', '/..//%2e%2e/', '/?', '/a?b?c/d', '/%00%0d%0a', '/"<>\\^`{|}~', '/@b:80/', '/http://c/'])(
    'with the target %s, to the letter',
    (target) => {
      expect(readRequestLine(`GET ${target} HTTP/1.1\r\n`)).toMatchObject({ target });
    },
  );

  test('with every byte that is visible ASCII in its target, but for the fragment', () => {
    const taken = everyByte.filter((byte) => readRequestLine(`GET /a${byte}b HTTP/1.1\r\n`));
    expect(taken.join('')).toBe(everyByte.slice(0x21, 0x7f).join('').replace('#', ''));
  });
});

test.each([
  ['nothing', ''],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n'],
  ['HTTP/1.2', 'GET / HTTP/1.2\r\n'],
  ['HTTP/2.0', 'GET / HTTP/2.0\r\n'],
  ['no version', 'GET /\r\n'],
  ['HTTP in lower case', 'GET / http/1.1\r\n'],
  ['a lower-case method', 'get / HTTP/1.1\r\n'],
  ['an unknown method', 'FETCH / HTTP/1.1\r\n'],
  ['a method and more', 'GETX / HTTP/1.1\r\n'],
  ['a method alone', 'GETX'],
  ['TRACE', 'TRACE / HTTP/1.1\r\n'],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n'],
  ['absolute-form', 'GET http://a/ HTTP/1.1\r\n'],
  ['authority-form', 'GET a:443 HTTP/1.1\r\n'],
  ['asterisk-form', 'OPTIONS * HTTP/1.1\r\n'],
  ['a target without a slash', 'GET a HTTP/1.1\r\n'],
  ['no target', 'GET HTTP/1.1\r\n'],
  ['an empty target', 'GET  HTTP/1.1\r\n'],
  ['a fragment', 'GET /a#b HTTP/1.1\r\n'],
  ['a blank in the target', 'GET /a b HTTP/1.1\r\n'],
  ['two blanks before the target', 'GET  / HTTP/1.1\r\n'],
  ['two blanks behind the target', 'GET /  HTTP/1.1\r\n'],
  ['a tab in place of a blank', 'GET\t/ HTTP/1.1\r\n'],
  ['a blank before the method', ' GET / HTTP/1.1\r\n'],
  ['an empty line before the method', '\r\nGET / HTTP/1.1\r\n'],
  ['a blank behind the version', 'GET / HTTP/1.1 \r\n'],
  ['a bare LF', 'GET / HTTP/1.1\n'],
  ['a bare CR', 'GET / HTTP/1.1\rHost: a\r\n'],
  ['a line end in the target', 'GET /\r\nX: HTTP/1.1\r\n'],
  ['a NUL in the target', 'GET /\0 HTTP/1.1\r\n'],
  ['UTF-8 in the target', 'GET /\xc3\xa9 HTTP/1.1\r\n'],
])('a request line is not taken with %s', (_, line) => {
  expect(readRequestLine(line)).toBeNull();
});

describe('the fields of a request are taken', () => {
  test('with Host alone', () => {
    const raw = ['HOST', 'a:80'];
    expect(fieldsOf('HOST: a:80')).toEqual({ raw, host: 'a:80', length: null, keepAlive: true, websocket: false });
  });

  test.each(['0', '5', '007', '999999999999999'])('with a Content-Length of %s', (length) => {
    expect(fieldsOf('Host: a', `content-LENGTH: ${length}`)).toMatchObject({ length });
  });

  test.each([
    ['keep-alive', true],
    ['Keep-Alive', true],
    ['close', false],
    ['CLOSE', false],
  ])('with Connection: %s', (option, keepAlive) => {
    expect(fieldsOf('Host: a', `Connection: ${option}`)).toMatchObject({ keepAlive, websocket: false });
  });

  test.each(['Upgrade', 'upgrade', 'keep-alive, Upgrade', 'Upgrade,Keep-Alive'])(
    'with a websocket asked for by Connection: %s',
    (options) => {
      const asked = fieldsOf('Host: a', 'upgrade: WebSocket', `Connection: ${options}`);
      expect(asked).toMatchObject({ keepAlive: true, websocket: true });
    },
  );

  test('with names that only look like those that decide', () => {
    const lines = [
      'X-Host: b',
      'Hosts: c',
      'Content_Length: 5',
      'Transfer_Encoding: chunked',
      'X-Expect: d',
      'TE: gzip',
    ];
    expect(fieldsOf('Host: a', ...lines)).toMatchObject({ host: 'a', length: null });
  });
});

test.each([
  ['no field', []],
  ['no Host', ['X: a']],
  ['an empty Host', ['Host: ']],
  ['two Hosts', ['Host: a', 'X: b', 'host: c']],
  ['the same Host twice', ['Host: a', 'Host: a']],
  ['an empty Host before another', ['Host: ', 'Host: a']],
  ['Transfer-Encoding: chunked', ['Host: a', 'Transfer-Encoding: chunked']],
  ['Transfer-Encoding of nothing', ['Host: a', 'transfer-encoding: ']],
  ['Transfer-Encoding and Content-Length', ['Host: a', 'Content-Length: 5', 'Transfer-Encoding: chunked']],
  ['Expect', ['Host: a', 'Expect: 100-continue']],
  ['two Content-Lengths', ['Host: a', 'Content-Length: 5', 'Content-Length: 6']],
  ['the same Content-Length twice', ['Host: a', 'Content-Length: 5', 'Content-Length: 5']],
  ['a list of Content-Lengths', ['Host: a', 'Content-Length: 5, 5']],
  ['an empty Content-Length', ['Host: a', 'Content-Length: ']],
  ['a signed Content-Length', ['Host: a', 'Content-Length: +5']],
  ['a negative Content-Length', ['Host: a', 'Content-Length: -5']],
  ['a hexadecimal Content-Length', ['Host: a', 'Content-Length: 0x5']],
  ['a Content-Length with a fraction', ['Host: a', 'Content-Length: 5.0']],
  ['a Content-Length with an exponent', ['Host: a', 'Content-Length: 5e1']],
  ['a Content-Length with a blank in it', ['Host: a', 'Content-Length: 5 5']],
  ['a Content-Length with blanks around it', ['Host: a', 'Content-Length:  5 ']],
  ['a Content-Length with a blank of Unicode', ['Host: a', 'Content-Length: 5\xa0']],
  ['a Content-Length that loses digits as a number', ['Host: a', 'Content-Length: 9007199254740993']],
  ['an upgrade to h2c', ['Host: a', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk']],
  ['an upgrade to a websocket or else', ['Host: a', 'Connection: Upgrade', 'Upgrade: websocket, h2c']],
  ['two Upgrades', ['Host: a', 'Connection: Upgrade', 'Upgrade: websocket', 'Upgrade: h2c']],
  ['an Upgrade that Connection does not name', ['Host: a', 'Upgrade: websocket']],
  ['an Upgrade of a connection that closes', ['Host: a', 'Connection: close, upgrade', 'Upgrade: websocket']],
  ['an Upgrade that names more fields', ['Host: a', 'Connection: upgrade, host', 'Upgrade: websocket']],
  ['an empty Upgrade', ['Host: a', 'Connection: upgrade', 'Upgrade: ']],
  ['an upgrade option without an Upgrade', ['Host: a', 'Connection: upgrade']],
  ['Connection: content-length', ['Host: a', 'Content-Length: 5', 'Connection: content-length']],
  ['Connection: keep-alive, x', ['Host: a', 'Connection: keep-alive, x']],
  ['both options of Connection', ['Host: a', 'Connection: keep-alive, close']],
  ['two Connections', ['Host: a', 'Connection: keep-alive', 'Connection: close']],
  ['an empty Connection', ['Host: a', 'Connection: ']],
  ['empty members of Connection', ['Host: a', 'Connection: ,close,']],
  ['a tab in Connection', ['Host: a', 'Connection: upgrade\t, keep-alive', 'Upgrade: websocket']],
  ['Proxy-Connection', ['Host: a', 'Proxy-Connection: keep-alive']],
  ['a folded line', ['Host: a', 'X: a', ' b']],
  ['a blank before a colon', ['Host: a', 'Content-Length : 5']],
  ['a field without a colon', ['Host: a', 'X']],
])('the fields of a request are not taken with %s', (_, lines) => {
  expect(fieldsOf(...lines)).toBeNull();
});

test.each(['\x85close', '\xa0close', 'close\xa0', 'cl\xf6se'])('Connection: %j is none of the known ones', (option) => {
  expect(fieldsOf('Host: a', `Connection: ${option}`)).toBeNull();
});

test.each(['\xa0websocket', 'websocket\x85'])('Upgrade: %j is no websocket', (protocol) => {
  expect(fieldsOf('Host: a', 'Connection: upgrade', `Upgrade: ${protocol}`)).toBeNull();
});

describe('a head that is cut off anywhere', () => {
  const line = 'GET /a HTTP/1.1\r\n';
  const lines = 'Host: a\r\nContent-Length: 5\r\n';

  test('is none while its line is incomplete', () => {
    for (let end = 0; end < line.length; end++) expect(readRequestLine(line.slice(0, end))).toBeNull();
  });

  test('is waited for', () => {
    const head = `${line}${lines}X: \t\xff\r\n\r\n`;
    for (let end = 1; end < head.length; end++) expect(maybeRequestHead(head.slice(0, end))).toBe(true);
  });

  test.each(['\r\n', 'g', '\x16\x03\x01', 'GET / HTTP/1.1\n', 'GET / HTTP/1.1\r\nX: \0', 'GET / HTTP/1.1\rX'])(
    'is not waited for behind %j',
    (text) => {
      expect(maybeRequestHead(text)).toBe(false);
    },
  );

  test('is none within a field line', () => {
    const whole = [...lines.matchAll(/\r\n/g)].map(({ index }) => index + 2);
    for (let end = 0; end <= lines.length; end++) {
      expect(readRequestFields(lines.slice(0, end)) !== null).toBe(whole.includes(end));
    }
  });
});

test("Node's parser sees the same in every head that is taken", () => {
  const taken = [
    'GET / HTTP/1.1\r\nHost: a\r\n',
    'POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\nConnection: close\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n',
    `GET / HTTP/1.1\r\n${'X: \xa0\x85\r\n'.repeat(100)}Host: a\r\n`,
  ];
  expect(taken.map(compareRequestHead)).toEqual(taken.map(() => 'taken'));
});
