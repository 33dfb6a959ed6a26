import fc from 'fast-check';
import { bytes } from './requests';
import type { Script } from './scripted-tool';

const status = fc.constantFrom(200, 200, 200, 201, 204, 205, 206, 301, 302, 304, 400, 404, 500, 503, 999);

const reason = fc.constantFrom(
  ' OK',
  ' OK',
  ' OK',
  ' Not  Here',
  ' ',
  '',
  ' \xc3\xa9t\xe9',
  ' a\tb',
  ' a\x01b',
  '  x ',
);

/** @param port of the tool */
function fields(port: number): fc.Arbitrary<string> {
  const urls = [
    '/x',
    '/strip/x?a#b',
    '/base/path/x',
    'x/y',
    '../x',
    '../../../x',
    '?q',
    '#f',
    '',
    '//other.example/x',
    `http://127.0.0.1:${port}/x`,
    `http://localhost:${port}/base/path/y?z`,
    'http://tools.example/strip/x',
    'https://tools.example/x',
    'http://tools.example:8443',
    'https://other.example/x',
    'mailto:a@b',
    '/a/../../x',
    '/\\a:99999999/../..',
    '\\\\[/..',
    'http://a1b2c3d4:20116/x',
    '\xe9',
  ];
  const values: Readonly<Record<string, readonly string[]>> = {
    Location: urls,
    'Content-Location': urls,
    'Service-Worker-Allowed': urls,
    Refresh: ['5', ...urls.map((url) => `5; url=${url}`), '0;URL="/x"'],
    'Set-Cookie': [
      'a=b',
      'a=b; Path=/',
      'a=b; path=/strip/x; HttpOnly',
      '__Host-a=b; Path=/',
      'a=b;PATH = /x ;Secure',
      'a=b; Domain=127.0.0.1; Path=/',
      'a=b; domain=tools.example',
      'kpow_gateway_target=x; Path=/',
      '=KPOW_gateway_x=1',
      '',
    ],
    Link: ['</a.css>; rel=preload', '</a>, </b>'],
    'Content-Type': ['text/html', 'application/json; charset=utf-8', ''],
    Date: ['Tue, 01 Jan 2019 00:00:00 GMT', 'then', ''],
    Server: ['Jetty(9.4)'],
    ETag: ['"a"', 'W/"b"'],
    Vary: ['Accept', '*'],
    'Cache-Control': ['no-store'],
    'X-Request-Id': ['of-the-tool'],
    'Strict-Transport-Security': ['max-age=1'],
    'Keep-Alive': ['timeout=5'],
    'Proxy-Authenticate': ['Basic'],
    'Proxy-Connection': ['keep-alive', 'close'],
    Upgrade: ['h2c', 'websocket'],
    TE: ['trailers'],
    Trailer: ['X-Sum'],
    Connection: ['close', 'keep-alive', 'Close', 'X-A', 'keep-alive, x-a', 'close, server', 'content-length', ''],
    'X-A': ['1', '', 'a  b', '\xe9\xff', 'a\tb', ','],
    X_a: ['1'],
  };
  return fc
    .array(
      fc
        .tuple(
          fc
            .constantFrom(...Object.entries(values))
            .chain(([name, some]) => fc.tuple(fc.constant(name), fc.constantFrom(...some))),
          fc.oneof(
            { weight: 12, arbitrary: fc.constantFrom(': |', ': |', ':|') },
            { weight: 1, arbitrary: fc.constantFrom(':  |', ':\t|', ': | ', ': |\t') },
          ),
          fc.constantFrom('as', 'as', 'lower', 'upper'),
        )
        .map(([[name, value], blanks, casing]) => {
          const cased = casing === 'as' ? name : casing === 'lower' ? name.toLowerCase() : name.toUpperCase();
          return `${cased}${blanks.replace('|', () => value)}\r\n`;
        }),
      { maxLength: 6 },
    )
    .map((lines) => lines.join(''));
}

const interim = fc.oneof(
  { weight: 10, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>, </b>;x="y"\r\nX-A: 1\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nLink: odd\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 102 Processing\r\n\r\n',
    ),
  },
);

/** A body with its fields, as it stands on the wire; and whether the connection's end is its end. */
interface Framed {
  readonly fields: string;
  readonly body: string;
  readonly ends: boolean;
}

const sizes = fc.constantFrom(0, 1, 26, 3_000, 16_384, 16_385, 70_000, 200_000);

const counted: fc.Arbitrary<Framed> = fc
  .tuple(sizes, fc.constantFrom('Content-Length: ', 'Content-Length:', 'content-length:  0'))
  .map(([size, name]) => ({ fields: `${name}${size}\r\n`, body: bytes(size), ends: false }));

const chunked: fc.Arbitrary<Framed> = fc
  .record({
    chunks: fc.array(
      fc.tuple(fc.constantFrom(1, 10, 16, 255, 5_000, 70_000), fc.constantFrom('', '', '', ';a', ';a=b;c="d e"')),
      { maxLength: 4 },
    ),
    last: fc.constantFrom('0', '0', '00', '0;a=b'),
    trailers: fc.array(
      fc.constantFrom(
        'X-Sum: 1',
        'x-sum:2',
        'X-Empty:',
        'Set-Cookie: a=b',
        'Host: x',
        'Trailer: y',
        'Proxy-A: b',
        'TE: a',
      ),
      { maxLength: 3 },
    ),
    name: fc.constantFrom('Transfer-Encoding: chunked', 'transfer-encoding:Chunked', 'Transfer-Encoding: chunked '),
  })
  .map(({ chunks, last, trailers, name }) => ({
    fields: `${name}\r\n`,
    body: [
      ...chunks.map(([size, extension]) => `${size.toString(16)}${extension}\r\n${bytes(size)}\r\n`),
      `${last}\r\n`,
      ...trailers.map((line) => `${line}\r\n`),
      '\r\n',
    ].join(''),
    ends: false,
  }));

const untilClosed: fc.Arbitrary<Framed> = sizes.map((size) => ({ fields: '', body: bytes(size), ends: true }));

/** Cuts bytes at some of these places, given as shares of the whole. */
function cut(text: string, places: readonly number[]): string[] {
  const at = places.map((place) => Math.floor(place * text.length)).sort((a, b) => a - b);
  return [...at, text.length].map((end, i) => text.slice(at[i - 1] ?? 0, end)).filter((piece) => piece !== '');
}

/**
 * Sound answers to a request.
 * @param port of the tool
 */
export function answerTo(method: string, port: number): fc.Arbitrary<Script> {
  return fc
    .record({
      interim,
      status,
      reason,
      before: fields(port),
      framed: fc.oneof(
        { weight: 4, arbitrary: counted },
        { weight: 4, arbitrary: chunked },
        { weight: 1, arbitrary: untilClosed },
      ),
      after: fields(port),
      places: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
    })
    .map(({ framed, places, ...head }) => {
      const bodiless = method === 'HEAD' || head.status === 204 || head.status === 304;
      const text = `HTTP/1.1 ${head.status}${head.reason}\r\n${head.before}${framed.fields}${head.after}\r\n`;
      return {
        pieces: cut(head.interim + text + (bodiless ? '' : framed.body), places),
        then: framed.ends && !bodiless ? 'end' : 'keep',
      };
    });
}

/**
 * Answers to a websocket's handshake that accept it, nearly all of them.
 * @param bytes that the client sends through it
 * @param port of the tool
 */
export function acceptance(bytes: number, port: number): fc.Arbitrary<Script> {
  return fc
    .record({
      reason,
      before: fields(port),
      upgrade: fc.oneof(
        {
          weight: 12,
          arbitrary: fc.constantFrom(
            'Connection: Upgrade\r\nUpgrade: websocket\r\n',
            'upgrade:WebSocket\r\nconnection:upgrade\r\n',
            'Connection: upgrade, X-A\r\nUpgrade: websocket\r\n',
          ),
        },
        { weight: 1, arbitrary: fc.constantFrom('', 'Connection: Upgrade\r\nUpgrade: h2c\r\n') },
      ),
      after: fc.constantFrom('', 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n'),
      first: fc.constantFrom('', 'first', 'HTTP/1.1 200 OK\r\n\r\n'),
      places: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
    })
    .map((it) => ({
      pieces: cut(`HTTP/1.1 101${it.reason}\r\n${it.before}${it.upgrade}${it.after}\r\n${it.first}`, it.places),
      then: 'end',
      websocket: { bytes, farewell: 'farewell' },
    }));
}

/** Answers that cannot be passed on as a whole, or not at all; each ends its connection. */
export const brokenAnswer: fc.Arbitrary<Script> = fc
  .record({
    text: fc.constantFrom(
      'garbage',
      'HTTP/1.1 200',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nX Space: a\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX-Control: a\x01b\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
      'ICY 200 OK\r\n\r\n',
    ),
    then: fc.constantFrom('end', 'reset'),
  })
  .map(({ text, then }) => ({ pieces: [text], then }));
