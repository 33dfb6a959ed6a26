import fc from 'fast-check';

/** A request, less its body. */
export interface RequestParts {
  readonly method: string;
  /** Without its CRLF. */
  readonly line: string;
  /** Each with its CRLF. */
  readonly fields: string;
}

type Field = readonly [name: string, value: string];

const target = fc
  .tuple(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom('/strip', '/keep', '/base', '/both', '/host', '/plain', '/slash') },
      { weight: 1, arbitrary: fc.constantFrom('', '/nothing', '/-', '/Strip', '/strip2', '//strip', '/%73trip') },
    ),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant('/') },
      { weight: 1, arbitrary: fc.constantFrom('', '?', ';x', '%2f', '//') },
    ),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('a', 'b/', 'x.js', '/', 'index.html', 'A-z_~') },
        { weight: 3, arbitrary: fc.constantFrom('?q=1', '?', '&a=b', '=', '+', '%20', '%2F', '%41', '%c3%a9', '//') },
        { weight: 2, arbitrary: fc.constantFrom(';x', '.', '..', '/../', '%2e%2e', '/..;/', '%', '%zz', '%00', '*') },
        { weight: 1, arbitrary: fc.constantFrom('\\', '"', '<>', '|', '^', '`', '{}', '@', ':', '[', "'") },
      ),
      { maxLength: 5 },
    ),
    fc.oneof(
      { weight: 40, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('#a', '\xe9', '\x7f', ' x', '\t') },
    ),
  )
  .map((parts) => parts[0] + parts[1] + parts[2].join('') + parts[3]);

/** Each name with a few values that mean something, and some that are odd. */
const known: Readonly<Record<string, readonly string[]>> = {
  Accept: ['*/*', 'text/html', 'application/json, text/html;q=0.9'],
  'Accept-Encoding': ['gzip, deflate, br'],
  Cookie: ['a=b', 'a=b; c="d"', 'JSESSIONID=1', 'a=b; KPOW_gateway_x=1', 'kpow_gateway_target=x'],
  Destination: ['http://tools.example/strip/x', '/keep/x', 'https://other.example/x', 'x'],
  If: ['<http://tools.example/strip/x> (<urn:uuid:1>)', '(<urn:uuid:1>'],
  Origin: ['http://tools.example', 'https://tools.example', 'HTTP://Tools.Example', 'null', 'https://other.example'],
  Referer: ['http://tools.example/strip/', 'x'],
  'User-Agent': ['Mozilla/5.0 (X11)', '\xe9'],
  Authorization: ['Basic YTpi'],
  'Content-Type': ['application/json', 'text/plain; charset=utf-8'],
  'If-None-Match': ['"a"'],
  Range: ['bytes=0-1'],
  traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x'],
  tracestate: ['a=1', 'a=1,b=2'],
  'X-Request-Id': ['said-1', 'bad id', 'said/2'],
  'X-Forwarded-For': ['10.0.0.1', '10.0.0.1, 127.0.0.1', '[::1]:80', 'x', '10.0.0.1:99,,'],
  'X-Forwarded-Proto': ['https', 'http', 'wss', 'HTTPS', 'x'],
  'X-Forwarded-Host': ['public.example', 'public.example:8443', 'a b', 'a, b'],
  'X-Forwarded-Port': ['8443', '0', 'x'],
  'X-Forwarded-Prefix': ['/evil'],
  'X-Forwarded-Server': ['a'],
  'X-Real-IP': ['10.9.9.9'],
  X_Forwarded_For: ['10.9.9.9'],
  'X-Original-URL': ['/admin'],
  'True-Client-IP': ['10.9.9.9'],
  Forwarded: ['for=10.0.0.2;proto=https;host=public.example', 'for="[::1]:1"', 'x', 'for=a;;,'],
  'Keep-Alive': ['timeout=5'],
  TE: ['trailers', 'gzip'],
  Trailer: ['X-Sum'],
  'Proxy-Authorization': ['Basic YTpi'],
  'Proxy-Foo': ['bar'],
  'HTTP2-Settings': ['AAMAAABkAAQAAP__'],
  'Content-Encoding': ['gzip'],
  'X-Empty-Looking': ['""', ',', '='],
  "X!#$%&'*+.^_`|~": ['a  b', 'a\tb', 'a:b: c'],
};

/** What keeps a request from the relay, or is beyond both ways. */
const odd: readonly Field[] = [
  ['Connection', 'close, x-empty-looking'],
  ['Connection', 'cookie'],
  ['Connection', 'TE, close'],
  ['Connection', 'Upgrade'],
  ['Upgrade', 'h2c'],
  ['Upgrade', 'websocket, h2c'],
  ['Proxy-Connection', 'keep-alive'],
  ['Proxy-Connection', 'close'],
  ['Expect', '200-maybe'],
  ['Host', 'other.example'],
  ['Host', ''],
  ['Content-Length', '+5'],
  ['Content_Length', '5'],
  ['X-Control', 'a\x01b'],
  ['X Space', 'a'],
  ['X-Folded', 'a\r\n b'],
  ['', 'a'],
];

const casing = fc.oneof(
  { weight: 3, arbitrary: fc.constant((name: string) => name) },
  { weight: 1, arbitrary: fc.constant((name: string) => name.toLowerCase()) },
  { weight: 1, arbitrary: fc.constant((name: string) => name.toUpperCase()) },
);

const knownField: fc.Arbitrary<Field> = fc
  .constantFrom(...Object.entries(known))
  .chain(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values)));

const field = fc
  .tuple(
    fc.oneof({ weight: 80, arbitrary: knownField }, { weight: 1, arbitrary: fc.constantFrom(...odd) }),
    casing,
    fc.oneof(
      { weight: 80, arbitrary: fc.constant(': ') },
      { weight: 1, arbitrary: fc.constantFrom(':', ':  ', ':\t', ' : ') },
    ),
  )
  .map(([[name, value], cased, blank]) => `${cased(name)}${blank}${value}\r\n`);

const host = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('tools.example', 'tools.example:8443', 'Tools.Example', '[::1]:80') },
  { weight: 1, arbitrary: fc.constantFrom('a b', 'a@b', '\xe9', 'a/b') },
);

const connection = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('', 'Connection: keep-alive\r\n', 'connection: Keep-Alive\r\n') },
  { weight: 1, arbitrary: fc.constant('Connection: close\r\n') },
);

/** A request line and fields, of which most are sound; without those that frame a body. */
export const requestParts: fc.Arbitrary<RequestParts> = fc
  .record({
    method: fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS') },
      { weight: 1, arbitrary: fc.constantFrom('PROPFIND', 'TRACE', 'get') },
    ),
    target,
    version: fc.oneof(
      { weight: 60, arbitrary: fc.constant('HTTP/1.1') },
      { weight: 1, arbitrary: fc.constant('HTTP/1.0') },
    ),
    host,
    before: fc.array(field, { maxLength: 3 }),
    after: fc.array(field, { maxLength: 6 }),
    connection,
  })
  .map(({ method, version, before, after, ...parts }) => ({
    method,
    line: `${method} ${parts.target} ${version}`,
    fields: [...before, `Host: ${parts.host}\r\n`, parts.connection, ...after].join(''),
  }));

/** A request's body with the field that frames it. */
export function bodyFor(method: string): fc.Arbitrary<{ readonly field: string; readonly body: string }> {
  const none = fc.constant({ field: '', body: '' });
  const sizes = fc.constantFrom(0, 0, 1, 13, 4_000, 16_384, 16_385, 100_000);
  const counted = sizes.map((size) => ({ field: `Content-Length: ${size}\r\n`, body: bytes(size) }));
  const chunked = fc.constant({
    field: 'Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n',
    body: '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n',
  });
  const usual = ['POST', 'PUT', 'PATCH'].includes(method);
  return fc.oneof(
    { weight: usual ? 2 : 16, arbitrary: none },
    { weight: usual ? 16 : 2, arbitrary: counted },
    { weight: 1, arbitrary: chunked },
  );
}

/** What asks for a websocket, and what only looks so. */
export const upgradeFields = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.constantFrom(
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
      'Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n',
      'Upgrade: websocket\r\nconnection: upgrade\r\nContent-Length: 0\r\n',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Connection: Upgrade\r\nUpgrade: h2c\r\n',
      'Connection: Upgrade, Cookie\r\nUpgrade: websocket\r\n',
      'Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n',
      'Upgrade: websocket\r\n',
    ),
  },
);

/** What a websocket's client sends before it is accepted. */
export const earlyBytes = fc.constantFrom('', '', 'early', 'GET /strip/ HTTP/1.1\r\n\r\n', bytes(30_000));

/** So many bytes. */
export function bytes(size: number): string {
  return `\xc3\xa9\0\r\n\r\n${'0123456789abcdef'.repeat(size / 16 + 1)}`.slice(0, size);
}
