import { get, host, oneChunk, post, served, smugglingCase, type SmugglingCase } from '../smuggling-case';

/** Values of Connection with fields beside it: which of them end at the gateway, and whether the connection does. */
const options: readonly (readonly [option: string, fields: string, absent: readonly string[], ends?: 'ends'])[] = [
  ['x-secret', 'X-Secret: 1\r\n', ['x-secret']],
  ['X-SECRET', 'x-secret: 1\r\n', ['x-secret']],
  ['close, x-secret', 'X-Secret: 1\r\n', ['x-secret'], 'ends'],
  ['keep-alive, x-secret', 'X-Secret: 1\r\n', ['x-secret']],
  ['x-secret, keep-alive', 'X-Secret: 1\r\n', ['x-secret']],
  ['x-secret,,x-other,', 'X-Secret: 1\r\nX-Other: 2\r\n', ['x-secret', 'x-other']],
  [',x-secret', 'X-Secret: 1\r\n', ['x-secret']],
  ['\tx-secret\t,\tx-other', 'X-Secret: 1\r\nX-Other: 2\r\n', ['x-secret', 'x-other']],
  ['cookie, authorization', 'Cookie: a=b\r\nAuthorization: Basic YTpi\r\n', ['cookie', 'authorization']],
  ['host', '', []],
  ['content-type', 'Content-Type: text/plain\r\n', ['content-type']],
  ['x-forwarded-for', 'X-Forwarded-For: 6.6.6.6\r\n', []],
  ['x-forwarded-for, x-real-ip, forwarded', 'X-Real-IP: 6.6.6.6\r\n', []],
  ['x-forwarded-host, x-forwarded-proto, x-forwarded-port', '', []],
  ['close, x-request-id', 'X-Request-Id: mine\r\n', [], 'ends'],
  ['x-request-id', 'X-Request-Id: mine\r\n', []],
  ['connection', '', []],
  ['upgrade', '', ['upgrade']],
  ['te, trailer', 'TE: trailers\r\nTrailer: X-Sum\r\n', ['te', 'trailer']],
  ['x_secret', 'X_Secret: 1\r\n', ['x_secret']],
  ['keep-alive, close', '', [], 'ends'],
  ['CLOSE', '', [], 'ends'],
  ['"x-secret"', '', []],
  ['x-secret; y', '', []],
  ['', '', []],
];

const fields: readonly (readonly [name: string, fields: string, absent: readonly string[], ends?: 'ends'])[] = [
  [
    'two Connections',
    'Connection: x-secret\r\nConnection: x-other\r\nX-Secret: 1\r\nX-Other: 2\r\n',
    ['x-secret', 'x-other'],
  ],
  ['a Connection that closes and one that does not', 'Connection: keep-alive\r\nConnection: close\r\n', [], 'ends'],
  ['Keep-Alive', 'Keep-Alive: timeout=5, max=1000\r\n', ['keep-alive']],
  ['Proxy-Connection', 'Proxy-Connection: keep-alive\r\n', ['proxy-connection']],
  ['Proxy-Authorization', 'Proxy-Authorization: Basic YTpi\r\n', ['proxy-authorization']],
  ['TE', 'TE: trailers, chunked\r\n', ['te']],
  ['Trailer', 'Trailer: Content-Length\r\n', ['trailer']],
  ['Keep_Alive', 'Keep_Alive: timeout=5\r\n', ['keep_alive']],
  [
    'Proxy_Connection',
    'Proxy_Connection: close\r\nPROXY_AUTHORIZATION: x\r\n',
    ['proxy_connection', 'proxy_authorization'],
  ],
  ['Http2_Settings', 'Http2_Settings: AAMAAABk\r\n', ['http2_settings']],
  ['X-Forwarded-For', 'X-Forwarded-For: 6.6.6.6\r\n', []],
  ['X-Forwarded-For twice', 'X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 7.7.7.7\r\n', []],
  ['X-Forwarded-For in disguise', 'X_Forwarded_For: 6.6.6.6\r\nX-Forwarded_For: 6.6.6.6\r\nx_forwarded-for: 1\r\n', []],
  [
    'the other forwarded fields',
    'X-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /evil\r\nX-Forwarded-Server: evil\r\n',
    [],
  ],
  ['Forwarded', 'Forwarded: for=6.6.6.6;host=evil;proto=https\r\n', []],
  [
    'X-Real-IP and its like',
    'X-Real-IP: 6.6.6.6\r\nTrue-Client-IP: 6.6.6.6\r\nX-Client-IP: 6.6.6.6\r\nClient-IP: 6.6.6.6\r\n',
    [],
  ],
  ['X-Original-URL and its like', 'X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n', []],
  ['X-Request-Id', 'X-Request-Id: mine\r\nx-request-id: yours\r\n', []],
];

function verdictOf(absent: readonly string[], ends: 'ends' | undefined) {
  return { answers: [served('GET', '/tool/x', '', { absent })], then: ends ?? 'goes on' } as const;
}

const withBodies: readonly SmugglingCase[] = [
  ...['content-length', 'close, content-length', 'Content-Length, host', 'keep-alive, content-length'].map((option) =>
    smugglingCase(
      `Connection: ${option} on a request with a body`,
      post(`Connection: ${option}\r\nContent-Length: 5\r\n`, 'hello'),
      {
        answers: [served('POST', '/tool/x', 'hello')],
        then: option.startsWith('close') ? 'ends' : 'goes on',
      },
    ),
  ),
  smugglingCase(
    'Connection: content-length on a GET with a body',
    get('/tool/x', 'Connection: content-length\r\nContent-Length: 5\r\n') + 'hello',
    {
      answers: [served('GET', '/tool/x', 'hello')],
      then: 'goes on',
    },
  ),
  ...['transfer-encoding', 'close, transfer-encoding', 'transfer-encoding, content-length'].map((option) =>
    smugglingCase(
      `Connection: ${option} on a request in chunks`,
      post(`Connection: ${option}\r\nTransfer-Encoding: chunked\r\n`, oneChunk('hello')),
      { answers: [served('POST', '/tool/x', 'hello')], then: option.startsWith('close') ? 'ends' : 'goes on' },
    ),
  ),
  smugglingCase(
    'Connection: transfer-encoding on a request with both framings',
    post('Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n', oneChunk('hello')),
  ),
  smugglingCase(
    'Connection: x-sum on a request with that trailer',
    post('Connection: x-sum\r\nTransfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n'),
    { answers: [served('POST', '/tool/x', 'hello', { absent: ['x-sum'] })], then: 'goes on' },
  ),
  smugglingCase(
    'Connection behind a folded line',
    `GET /tool/x HTTP/1.1\r\n${host}Connection: close,\r\n x-secret\r\nX-Secret: 1\r\n\r\n`,
  ),
  smugglingCase(
    'five thousand options of Connection',
    get('/tool/x', `Connection: ${'a,'.repeat(5_000)}x-secret\r\nX-Secret: 1\r\n`),
    {
      answers: [served('GET', '/tool/x', '', { absent: ['x-secret'] })],
      then: 'goes on',
    },
  ),
];

export const connection: readonly SmugglingCase[] = [
  ...options.map(([option, more, absent, ends]) =>
    smugglingCase(
      `Connection: ${option.trim()}${more === '' ? '' : ` and ${more.split(':')[0] ?? ''}`}`,
      get('/tool/x', `Connection: ${option}\r\n${more}`),
      verdictOf(absent, ends),
    ),
  ),
  ...fields.map(([name, text, absent, ends]) =>
    smugglingCase(`${name} of its own`, get('/tool/x', text), verdictOf(absent, ends)),
  ),
  ...withBodies,
];
