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

const x = served('GET', '/tool/x');
const withBody = (method: string, body: string) =>
  `${method} /tool/x HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\n\r\n${body}`;

/** Requests with another behind them, which is one by any reading. */
const sound: readonly (readonly [name: string, first: string, answer: (typeof servedHidden | number)[]])[] = [
  ['GET', get('/tool/x'), [x]],
  ['HEAD', `HEAD /tool/x HTTP/1.1\r\n${host}\r\n`, [served('HEAD', '/tool/x')]],
  ['OPTIONS', `OPTIONS /tool/x HTTP/1.1\r\n${host}\r\n`, [served('OPTIONS', '/tool/x')]],
  ['DELETE', `DELETE /tool/x HTTP/1.1\r\n${host}\r\n`, [served('DELETE', '/tool/x')]],
  ['GET with a body', withBody('GET', 'hello'), [served('GET', '/tool/x', 'hello')]],
  ['HEAD with a body', withBody('HEAD', 'hello'), [served('HEAD', '/tool/x', 'hello')]],
  ['OPTIONS with a body', withBody('OPTIONS', 'hello'), [served('OPTIONS', '/tool/x', 'hello')]],
  ['DELETE with a body', withBody('DELETE', 'hello'), [served('DELETE', '/tool/x', 'hello')]],
  ['POST with a body that is a request', withBody('POST', hidden), [served('POST', '/tool/x', hidden)]],
  [
    'POST with a body that begins with a line end',
    withBody('POST', '\r\n\r\nhello'),
    [served('POST', '/tool/x', '\r\n\r\nhello')],
  ],
  ['POST in chunks', post('Transfer-Encoding: chunked\r\n', oneChunk('hello')), [served('POST', '/tool/x', 'hello')]],
  [
    'POST with a body of a hundred kilobytes',
    withBody('POST', 'x'.repeat(100_000)),
    [served('POST', '/tool/x', 'x'.repeat(100_000))],
  ],
  ['thirty requests', get('/tool/x').repeat(30), Array.from({ length: 30 }, () => x)],
  ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${host}\r\n`, [204]],
  ['a request for nothing that is served', get('/nothing'), [404]],
  ['a request for the mount itself', get('/tool'), [served('GET', '/tool')]],
];

/** Requests that end their connection: what stands behind them is not acted on. */
const last: readonly (readonly [name: string, first: string, more: Partial<SmugglingCase>])[] = [
  ['a request that closes', get('/tool/x', 'Connection: close\r\n'), { answers: [x], then: 'ends' }],
  [
    'a POST that closes',
    post('Connection: close\r\nContent-Length: 5\r\n', 'hello'),
    { answers: [served('POST', '/tool/x', 'hello')], then: 'ends' },
  ],
  ['a request that closes in a list', get('/tool/x', 'Connection: x, close\r\n'), { answers: [x], then: 'ends' }],
  ['HEAD in HTTP/1.0', `HEAD /tool/x HTTP/1.0\r\n${host}\r\n`, { answers: [served('HEAD', '/tool/x')], then: 'ends' }],
  ['TRACE to nothing that is served', `TRACE /nothing HTTP/1.1\r\n${host}\r\n`, {}],
  ['CONNECT', `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n`, {}],
  ['a request out of its mount', get('/tool/../../x'), {}],
  ['a request with both framings', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', oneChunk('hello')), {}],
  ['a request with two lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'), {}],
  ['a request with an unknown coding', post('Transfer-Encoding: gzip, chunked\r\n', oneChunk('hello')), {}],
  ['a request with two Hosts', get('/tool/x', host), {}],
  ['garbage', 'GARBAGE\r\n\r\n', {}],
];

export const pipelined: readonly SmugglingCase[] = [
  ...sound.map(([name, first, answers]) =>
    smugglingCase(`a request behind ${name}`, first + hidden, { answers: [...answers, servedHidden], then: 'goes on' }),
  ),
  ...last.map(([name, first, more]) => smugglingCase(`a request behind ${name}`, first + hidden, more)),
  smugglingCase('garbage behind a request', `${get('/tool/x')}GARBAGE\r\n\r\n`, { answers: [x] }),
  smugglingCase(
    'both framings behind a request',
    get('/tool/x') + post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', oneChunk(hidden)),
    { answers: [x] },
  ),
  smugglingCase(
    'malformed chunks behind a request',
    get('/tool/x') + post('Transfer-Encoding: chunked\r\n', `5\r\nhelloX0\r\n\r\n${hidden}`),
    {
      answers: [x],
      partly: { method: 'POST', target: '/tool/x' },
    },
  ),
  smugglingCase('malformed chunks behind an early answer', post('Transfer-Encoding: chunked\r\n', '', '/tool/early'), {
    late: `5\r\nhelloX0\r\n\r\n${hidden}`,
    answers: [served('POST', '/tool/early')],
    then: 'closed',
    partly: { method: 'POST', target: '/tool/early' },
    tools: 'direct',
  }),
  smugglingCase('a body that is longer than it says', withBody('POST', 'hello') + 'more', {
    answers: [served('POST', '/tool/x', 'hello')],
  }),
  smugglingCase('a body that is a line end longer than it says', `${withBody('POST', 'hello')}\r\n${hidden}`, {
    answers: [served('POST', '/tool/x', 'hello'), servedHidden],
    then: 'goes on',
  }),
  smugglingCase('the beginning of a method behind a request', `${withBody('POST', 'hello')}G`, {
    answers: [served('POST', '/tool/x', 'hello')],
  }),
  smugglingCase('a head that waits for the next request', `${get('/tool/x')}GET /tool/hidden HTTP/1.1\r\nX-Ignore: `, {
    answers: [x, servedHidden],
    then: 'ends',
  }),
  smugglingCase('a body that waits for the next request', get('/tool/x'), {
    late: post('Content-Length: 100000\r\n', 'hello', '/tool/unfinished'),
    answers: [x],
    then: 'leaves',
    partly: { method: 'POST', target: '/tool/unfinished' },
  }),
];
