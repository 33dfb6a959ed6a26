import {
  get,
  hidden,
  host,
  oneChunk,
  post,
  served,
  servedHidden,
  smugglingCase,
  type SmugglingCase,
} from '../smuggling-case';

const settings = 'HTTP2-Settings: AAMAAABkAAQAAP__\r\n';
const absent = ['upgrade', 'http2-settings'];
const plainGet = served('GET', '/tool/x', '', { absent });
const goesOn = { answers: [plainGet], then: 'goes on' } as const;

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const frames = '\0\0\0\x04\0\0\0\0\0';

const ignored: readonly (readonly [name: string, fields: string])[] = [
  ['h2c with its settings', `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n${settings}`],
  ['h2c without its settings', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'],
  ['h2c with settings that Connection does not name', `Connection: Upgrade\r\nUpgrade: h2c\r\n${settings}`],
  ['h2c that Connection does not name', `Upgrade: h2c\r\n${settings}`],
  ['h2c in upper case', `Connection: UPGRADE, HTTP2-SETTINGS\r\nUpgrade: H2C\r\n${settings}`],
  ['h2c and a websocket', `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c, websocket\r\n${settings}`],
  ['a websocket and h2c', `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket, h2c\r\n${settings}`],
  ['h2c in two fields', `Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: h2c\r\n${settings}`],
  ['a websocket and h2c in two fields', 'Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n'],
  ['h2', 'Connection: Upgrade\r\nUpgrade: h2\r\n'],
  ['TLS', 'Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n'],
  ['HTTP/2.0', 'Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n'],
  ['nothing', 'Connection: Upgrade\r\nUpgrade:\r\n'],
  ['a websocket that Connection does not name', 'Upgrade: websocket\r\n'],
];

const websocket =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const asked = { answers: [served('GET', '/tool/x')], then: 'ends' } as const;

/** The tool answers them as it answers anything: not with 101. */
const refusedByTool: readonly SmugglingCase[] = [
  smugglingCase(
    'a websocket that the tool does not accept, and a request behind it',
    get('/tool/x', websocket) + hidden,
    asked,
  ),
  smugglingCase(
    'a websocket of version 777, and a request behind it',
    get('/tool/x', websocket.replace('13', '777')) + hidden,
    asked,
  ),
  smugglingCase(
    'a websocket without a version, and a request behind it',
    get('/tool/x', websocket.replace(/Sec-WebSocket-Version.*\r\n/, '')) + hidden,
    asked,
  ),
  smugglingCase(
    'a websocket without a key, and a request behind it',
    get('/tool/x', websocket.replace(/Sec-WebSocket-Key.*\r\n/, '')) + hidden,
    asked,
  ),
  smugglingCase(
    'a websocket with a key that is none, and a request behind it',
    get('/tool/x', websocket.replace('dGhl', '!!')) + hidden,
    asked,
  ),
  smugglingCase(
    'a websocket with a length of nothing, and a request behind it',
    get('/tool/x', `${websocket}Content-Length: 0\r\n`) + hidden,
    asked,
  ),
  smugglingCase(
    'a websocket in other case, and a request behind it',
    get('/tool/x', websocket.replace('websocket', 'WebSocket')) + hidden,
    asked,
  ),
  smugglingCase('a websocket that is refused, and a request when that is known', get('/tool/x', websocket), {
    ...asked,
    late: `\r\n${hidden}`,
  }),
];

const oddWebsockets: readonly SmugglingCase[] = [
  smugglingCase('a websocket by POST', post(websocket) + hidden, {
    answers: [served('POST', '/tool/x', '', { absent }), servedHidden],
    then: 'goes on',
  }),
  smugglingCase('a websocket by POST with a body', post(`${websocket}Content-Length: ${hidden.length}\r\n`, hidden), {
    answers: [served('POST', '/tool/x', hidden, { absent })],
    then: 'goes on',
  }),
  smugglingCase(
    'a websocket by GET with a body',
    get('/tool/x', `${websocket}Content-Length: ${hidden.length}\r\n`) + hidden,
    {
      answers: [served('GET', '/tool/x', hidden, { absent })],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'a websocket by GET with chunks',
    get('/tool/x', `${websocket}Transfer-Encoding: chunked\r\n`) + oneChunk(hidden),
    {
      answers: [served('GET', '/tool/x', hidden, { absent })],
      then: 'goes on',
    },
  ),
  smugglingCase('a websocket by HEAD', `HEAD /tool/x HTTP/1.1\r\n${host}${websocket}\r\n`, {
    answers: [served('HEAD', '/tool/x', '', { absent })],
    then: 'goes on',
  }),
  smugglingCase('a websocket in HTTP/1.0', `GET /tool/x HTTP/1.0\r\n${host}${websocket}\r\n${hidden}`, {
    answers: [served('GET', '/tool/x', '', { absent })],
    then: 'ends',
  }),
  smugglingCase(
    'a websocket with both framings',
    get('/tool/x', `${websocket}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`) + hidden,
  ),
  smugglingCase(
    'a websocket with two lengths',
    get('/tool/x', `${websocket}Content-Length: 0\r\nContent-Length: 5\r\n`) + hidden,
  ),
  smugglingCase(
    'a websocket with a length that is none',
    get('/tool/x', `${websocket}Content-Length: +0\r\n`) + hidden,
  ),
  smugglingCase(
    'a websocket with an unknown coding',
    get('/tool/x', `${websocket}Transfer-Encoding: xchunked\r\n`) + hidden,
  ),
  smugglingCase('a websocket with two Hosts', get('/tool/x', `${host}${websocket}`) + hidden),
  smugglingCase('a websocket that leads out of its mount', get('/tool/../../x', websocket) + hidden),
  smugglingCase('a websocket that is accepted, and a request through it', get('/tool/accept', websocket), {
    late: hidden,
    answers: [served('GET', '/tool/accept', '', { status: 101 })],
    then: 'leaves',
    tools: 'recorder',
  }),
];

const ofHttp2: readonly SmugglingCase[] = [
  smugglingCase('the preface of HTTP/2', `${preface}${frames}`),
  smugglingCase('the preface of HTTP/2 behind a request', `${get('/tool/x')}${preface}${frames}`, {
    answers: [served('GET', '/tool/x')],
  }),
  smugglingCase(
    'h2c and the preface behind it',
    get('/tool/x', `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n${settings}`) + preface + frames,
    {
      answers: [plainGet],
    },
  ),
  smugglingCase(
    'h2c and a request behind it',
    get('/tool/x', `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n${settings}`) + hidden,
    {
      answers: [plainGet, servedHidden],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'h2c with a body',
    post(`Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${hidden.length}\r\n`, hidden),
    {
      answers: [served('POST', '/tool/x', hidden, { absent })],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'h2c with chunks',
    post('Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n', oneChunk(hidden)),
    {
      answers: [served('POST', '/tool/x', hidden, { absent })],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'h2c with both framings',
    post(
      'Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n',
      oneChunk(hidden),
    ),
  ),
  smugglingCase('the fields of HTTP/2', get('/tool/x', ':method: POST\r\n:path: /tool/hidden\r\n')),
  smugglingCase('HTTP2-Settings alone', get('/tool/x', settings), goesOn),
];

export const upgrade: readonly SmugglingCase[] = [
  ...ignored.map(([name, fields]) => smugglingCase(`an upgrade to ${name}`, get('/tool/x', fields), goesOn)),
  ...refusedByTool,
  ...oddWebsockets,
  ...ofHttp2,
];
