import { hidden, host, oneChunk, served, servedHidden, smugglingCase, type SmugglingCase } from '../smuggling-case';

const of = (version: string, fields = host) => `GET /tool/x ${version}\r\n${fields}\r\n`;

const unknown = [
  ...[
    'HTTP/0.9',
    'HTTP/1.10',
    'HTTP/1.2',
    'HTTP/2.0',
    'HTTP/3.0',
    'HTTP/9.9',
    'HTTP/0.0',
    'HTTP/1',
    'HTTP/11',
    'HTTP/1.',
  ],
  ...[
    'HTTP/.1',
    'HTTP/1,1',
    'HTTP/ 1.1',
    'HTTP /1.1',
    'HTTP/1.1 ',
    'HTTP/1.1\t',
    'HTTP/01.1',
    'HTTP/1.01',
    'HTTP/1.1.1',
  ],
  ...['HTTP/+1.1', 'HTTP/-1.1', 'HTTP/1.1x', 'HTTP/x.1', 'HTTP/1.x', 'http/1.1', 'Http/1.1', 'HTTPS/1.1', 'HTTP1.1'],
  ...['HTTP\\1.1', 'ICE/1.0', 'SIP/2.0', 'SHTTP/1.3', 'HTTP/1.1 HTTP/1.1', 'HTTP/1.1\0', 'HTTP/\xb9.1', '/1.1'],
];

const methods: readonly (readonly [name: string, method: string])[] = [
  ['in lower case', 'get'],
  ['in mixed case', 'Get'],
  ['with more behind', 'GETT'],
  ['with more in front', 'XGET'],
  ['of HTTP/2', 'PRI'],
  ['of RTSP', 'DESCRIBE'],
  ['that nobody knows', 'FROBNICATE'],
  ['of one letter', 'G'],
  ['that is none', ''],
  ['with a slash', 'GE/T'],
  ['with an at', 'G@T'],
  ['with a colon', 'GET:'],
  ['with a hyphen', 'GET-'],
  ['with an underscore', 'GET_'],
  ['in quotes', '"GET"'],
  ['that echoes', 'TRACE'],
  ['that opens a tunnel', 'CONNECT'],
  ['of two kilobytes', 'G'.repeat(2_000)],
];

export const versions: readonly SmugglingCase[] = [
  ...unknown.map((version) => smugglingCase(`the version ${JSON.stringify(version)}`, of(version) + hidden)),
  smugglingCase('no version, as in HTTP/0.9', 'GET /tool/x\r\n'),
  smugglingCase('no version and fields behind it', `GET /tool/x\r\n${host}\r\n`),
  smugglingCase('no version and a blank', `GET /tool/x \r\n${host}\r\n`),
  smugglingCase('a bare target', '/tool/x\r\n\r\n'),
  smugglingCase('HTTP/1.0', of('HTTP/1.0') + hidden, { answers: [served('GET', '/tool/x')], then: 'ends' }),
  smugglingCase('HTTP/1.0 without a Host', of('HTTP/1.0', '') + hidden, {
    answers: [served('GET', '/tool/x', '', { host: null })],
    then: 'ends',
  }),
  smugglingCase('HTTP/1.0 that keeps its connection', of('HTTP/1.0', `${host}Connection: keep-alive\r\n`) + hidden, {
    answers: [served('GET', '/tool/x'), servedHidden],
    then: 'goes on',
  }),
  smugglingCase(
    'HTTP/1.0 that keeps its connection by Proxy-Connection',
    of('HTTP/1.0', `${host}Proxy-Connection: keep-alive\r\n`) + hidden,
    {
      answers: [served('GET', '/tool/x'), servedHidden],
      then: 'goes on',
    },
  ),
  smugglingCase('HTTP/1.0 with a length', `POST /tool/x HTTP/1.0\r\n${host}Content-Length: 5\r\n\r\nhello${hidden}`, {
    answers: [served('POST', '/tool/x', 'hello')],
    then: 'ends',
  }),
  smugglingCase('HTTP/1.0 with a POST and no length', `POST /tool/x HTTP/1.0\r\n${host}\r\n${hidden}`, {
    answers: [served('POST', '/tool/x')],
    then: 'ends',
  }),
  smugglingCase(
    'HTTP/1.0 with chunks',
    `POST /tool/x HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n${oneChunk(hidden)}`,
  ),
  smugglingCase(
    'HTTP/1.0 with chunks that keeps its connection',
    `POST /tool/x HTTP/1.0\r\n${host}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${oneChunk(hidden)}`,
  ),
  smugglingCase(
    'HTTP/1.0 with both framings',
    `POST /tool/x HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${oneChunk(hidden)}`,
  ),
  smugglingCase('HTTP/1.0 with two Hosts', of('HTTP/1.0', `${host}Host: evil.example\r\n`)),
  smugglingCase('HTTP/1.0 with an empty Host', of('HTTP/1.0', 'Host:\r\n')),
  ...methods.map(([name, method]) =>
    smugglingCase(`a method ${name}`, `${method} /tool/x HTTP/1.1\r\n${host}\r\n${hidden}`),
  ),
  ...['PROPFIND', 'SEARCH', 'PURGE', 'LOCK', 'M-SEARCH', 'REPORT'].map((method) =>
    smugglingCase(
      `the method ${method} with a body`,
      `${method} /tool/x HTTP/1.1\r\n${host}Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
      {
        answers: [served(method, '/tool/x', hidden)],
        then: 'goes on',
      },
    ),
  ),
  ...['PROPFIND', 'SEARCH', 'LOCK'].map((method) =>
    smugglingCase(`the method ${method} without a body`, `${method} /tool/x HTTP/1.1\r\n${host}\r\n${hidden}`, {
      answers: [served(method, '/tool/x'), servedHidden],
      then: 'goes on',
    }),
  ),
  smugglingCase('CONNECT to a host', `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n${hidden}`),
  smugglingCase(
    'CONNECT with a body',
    `CONNECT evil.example:443 HTTP/1.1\r\n${host}Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
  ),
  smugglingCase(
    'TRACE with a body',
    `TRACE /tool/x HTTP/1.1\r\n${host}Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
  ),
];
