import { hidden, post, served, smugglingCase, type SmugglingCase } from '../smuggling-case';

const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);
const hex = (text: string) => text.length.toString(16);

/** Bodies of `hello`, however they say it. */
const sound: readonly (readonly [name: string, body: string])[] = [
  ['leading zeros in sizes', '0005\r\nhello\r\n000\r\n\r\n'],
  ['thirty leading zeros in sizes', `${'0'.repeat(12)}5\r\nhello\r\n0\r\n\r\n`],
  ['a chunk for each byte', '1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n'],
  ['an extension', '5;a\r\nhello\r\n0\r\n\r\n'],
  ['an extension with a value', '5;a=b\r\nhello\r\n0;c=d\r\n\r\n'],
  ['an extension in quotes', '5;a="b;c"\r\nhello\r\n0\r\n\r\n'],
  ['an extension that looks like a size', '5;ff=0\r\nhello\r\n0;a=5\r\n\r\n'],
  ['many extensions', `5${';a=b'.repeat(500)}\r\nhello\r\n0\r\n\r\n`],
];

/** Bodies that are none, in the middle of which a request is hidden where that makes sense. */
const broken: readonly (readonly [name: string, body: string])[] = [
  ['a size that ends in a bare LF', '5\nhello\r\n0\r\n\r\n'],
  ['a size that ends in a bare CR', '5\rhello\r\n0\r\n\r\n'],
  ['a size that ends in two CRs', '5\r\r\nhello\r\n0\r\n\r\n'],
  ['a size with a blank before it', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['a size with a blank in it', '0 5\r\nhello\r\n0\r\n\r\n'],
  ['a size with a plus', '+5\r\nhello\r\n0\r\n\r\n'],
  ['a size with a minus', '-5\r\nhello\r\n0\r\n\r\n'],
  ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a size with an underscore', '0_5\r\nhello\r\n0\r\n\r\n'],
  ['a size with a dot', '5.0\r\nhello\r\n0\r\n\r\n'],
  ['a size with h', '5h\r\nhello\r\n0\r\n\r\n'],
  ['a size with a comma', '5,\r\nhello\r\n0\r\n\r\n'],
  ['a size in quotes', '"5"\r\nhello\r\n0\r\n\r\n'],
  ['a size with a NUL', '5\0\r\nhello\r\n0\r\n\r\n'],
  ['a size with a vertical tab', '5\v\r\nhello\r\n0\r\n\r\n'],
  ['a size with a blank of Unicode', '5\xa0\r\nhello\r\n0\r\n\r\n'],
  ['no size', '\r\nhello\r\n0\r\n\r\n'],
  ['no size but an extension', ';a\r\nhello\r\n0\r\n\r\n'],
  ['two to the 64 more than the size', `10000000000000005\r\nhello\r\n0\r\n\r\n${hidden}`],
  ['two to the 128 more than the size', `1${'0'.repeat(31)}5\r\nhello\r\n0\r\n\r\n${hidden}`],
  ['sixteen digits f and one more', 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
  ['data without an end', `5\r\nhello0\r\n\r\n${hidden}`],
  ['data that ends in a bare LF', `5\r\nhello\n0\r\n\r\n${hidden}`],
  ['data that ends in a bare CR', `5\r\nhello\r0\r\n\r\n${hidden}`],
  ['data that ends in LF and CR', `5\r\nhello\n\r0\r\n\r\n${hidden}`],
  ['data that ends in two other bytes', `5\r\nhelloxx0\r\n\r\n${hidden}`],
  ['data that is one byte longer', `5\r\nhellox\r\n0\r\n\r\n${hidden}`],
  ['data that is one byte shorter', `6\r\nhello\r\n0\r\n\r\n${hidden}`],
  ['data that ends in a blank and a CRLF', `5\r\nhello \r\n0\r\n\r\n${hidden}`],
  ['a last chunk that ends in a bare LF', `5\r\nhello\r\n0\n\r\n${hidden}`],
  ['a body that ends in a bare LF', `5\r\nhello\r\n0\r\n\n${hidden}`],
  ['a body that ends in a bare CR', `5\r\nhello\r\n0\r\n\r${hidden}`],
  ['line ends that are all bare LFs', `5\nhello\n0\n\n${hidden}`],
  ['line ends that are all bare CRs', `5\rhello\r0\r\r${hidden}`],
  ['TERM.EXT, a bare LF that ends an extension', `5;\nhello\r\n${hex(hidden)}\r\n${hidden}\r\n0\r\n\r\n`],
  ['TERM.EXT, a bare LF in an extension’s name', `5;a\nhello\r\n${hex(hidden)}\r\n${hidden}\r\n0\r\n\r\n`],
  ['TERM.EXT, a bare CR in an extension', `5;a\rb\r\nhello\r\n${hex(hidden)}\r\n${hidden}\r\n0\r\n\r\n`],
  ['EXT.TERM, a size hidden behind a bare LF', `2;\nxx\r\n4d\r\n0\r\n\r\n${hidden}\r\n0\r\n\r\n`],
  ['EXT.TERM, a last chunk hidden behind a bare LF', `5;\n0\r\n\r\n${hidden}\r\n0\r\n\r\n`],
  ['TERM.EXT within quotes, a bare LF', `5;a="\n0\r\n\r\n${hidden}"\r\nhello\r\n0\r\n\r\n`],
  ['TERM.EXT within quotes, a CRLF', `5;a="\r\n0\r\n\r\n${hidden}"\r\nhello\r\n0\r\n\r\n`],
  ['TERM.EXT within quotes, a CRLF behind a backslash', '5;a="\\\r\n"\r\nhello\r\n0\r\n\r\n'],
  ['quotes without an end', '5;a="b\r\nhello\r\n0\r\n\r\n'],
  ['an extension with a NUL', '5;a\0b\r\nhello\r\n0\r\n\r\n'],
  ['an extension in NUL', '5;\0\r\nhello\r\n0\r\n\r\n'],
  ['an extension of twenty kilobytes', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
  ['TERM.SPILL, two bytes of spill and a bare LF', `5\r\nhelloX\n${hex(hidden)}\r\n${hidden}\r\n0\r\n\r\n`],
  ['SPILL.TERM, a size in the place of the line end', `5\r\nhello5\r\n${hidden}\r\n0\r\n\r\n`],
  ['ONE.TWO, one byte in the place of the line end', `5\r\nhelloX0\r\n\r\n${hidden}`],
  ['TWO.ONE, one byte more than the line end', `5\r\nhello\r\nX0\r\n\r\n${hidden}`],
  ['ZERO.TWO, a line end that is the next size', `5\r\nhello00\r\n\r\n${hidden}`],
  ['a blank line between chunks', `5\r\nhello\r\n\r\n0\r\n\r\n${hidden}`],
];

/** Trailers, and whether they let the body be one. */
const trailers: readonly (readonly [name: string, trailers: string, names: readonly string[] | null])[] = [
  ['no harm', 'X-Sum: 1\r\n', []],
  ['Host', 'Host: evil.example\r\n', []],
  ['Authorization and Cookie', 'Authorization: Basic YTpi\r\nCookie: a=b\r\n', ['authorization', 'cookie']],
  ['X-Forwarded-For', 'X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n', []],
  ['forwarded fields in disguise', 'X_Forwarded_For: 6.6.6.6\r\nX_Real_IP: 6.6.6.6\r\n', []],
  ['X-Request-Id', 'X-Request-Id: mine\r\n', []],
  ['Content-Length in disguise', 'Content_Length: 5\r\n', ['content_length']],
  ['Transfer-Encoding in disguise', 'Transfer_Encoding: chunked\r\n', ['transfer_encoding']],
  ['Upgrade', 'Upgrade: websocket\r\nExpect: 100-continue\r\n', ['upgrade', 'expect']],
  ['a bare LF', 'X-Sum: 1\nHost: evil\r\n', null],
  ['a bare CR', 'X-Sum: 1\rHost: evil\r\n', null],
  ['a NUL', 'X-Sum: a\0b\r\n', null],
  ['a blank before the colon', 'X-Sum : 1\r\n', null],
  ['no colon', 'X-Sum\r\n', null],
  ['no name', ': 1\r\n', null],
  ['a whole request', hidden.replace(/\r\n$/, ''), null],
];

const withTrailers = trailers.map(([name, text, absent]) => {
  const bytes = chunked(`5\r\nhello\r\n0\r\n${text}\r\n`);
  if (absent === null)
    return smugglingCase(`trailers with ${name}`, bytes, { partly: { method: 'POST', target: '/tool/x' } });
  const answers = [served('POST', '/tool/x', 'hello', { absent })];
  return smugglingCase(`trailers with ${name}`, bytes, { answers, then: 'goes on' });
});

const partly = { method: 'POST', target: '/tool/x' } as const;

/** Which are malformed wherever they stand. */
const framingTrailers = [
  ...['Content-Length: 5', 'Transfer-Encoding: chunked'].map((field) =>
    smugglingCase(`trailers with ${field}`, chunked(`5\r\nhello\r\n0\r\n${field}\r\n\r\n${hidden}`), { partly }),
  ),
  smugglingCase('trailers with Connection: close', chunked(`5\r\nhello\r\n0\r\nConnection: close\r\n\r\n${hidden}`), {
    answers: [served('POST', '/tool/x', 'hello', { absent: [] })],
    then: 'closed',
  }),
];

const unfinished = [
  smugglingCase('a chunk of two gigabytes and little of it', chunked(`7fffffff\r\nhello${hidden}`), {
    then: 'leaves',
    partly,
  }),
  smugglingCase('a chunk of four gigabytes and more, and little of it', chunked(`100000005\r\nhello${hidden}`), {
    then: 'leaves',
    partly,
  }),
  smugglingCase('a chunk of sixteen digits and little of it', chunked(`ffffffffffffffff\r\nhello${hidden}`), {
    then: 'leaves',
    partly,
  }),
  smugglingCase('chunks without a last one', chunked('5\r\nhello\r\n'), { then: 'leaves', partly }),
  smugglingCase('a last chunk without an end', chunked('5\r\nhello\r\n0\r\n'), { then: 'leaves', partly }),
];

export const chunks: readonly SmugglingCase[] = [
  ...sound.map(([name, body]) =>
    smugglingCase(`chunks with ${name}`, chunked(body), {
      answers: [served('POST', '/tool/x', 'hello')],
      then: 'goes on',
    }),
  ),
  smugglingCase(
    'chunks with extensions of twenty kilobytes in all',
    chunked(`${`1;${'a'.repeat(100)}\r\nh\r\n`.repeat(200)}0\r\n\r\n`),
    {
      answers: [served('POST', '/tool/x', 'h'.repeat(200))],
      then: 'goes on',
    },
  ),
  ...broken.map(([name, body]) => smugglingCase(`chunks with ${name}`, chunked(body), { partly })),
  ...withTrailers,
  ...framingTrailers,
  ...unfinished,
];
