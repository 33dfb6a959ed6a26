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

/** What stands in Expect, and whether the connection ends: where a client may wait for a 100 that is not said to it. */
const values: readonly (readonly [name: string, lines: string, then?: 'ends'])[] = [
  ['100-continue', 'Expect: 100-continue\r\n'],
  ['100-continue in other case', 'Expect: 100-Continue\r\n'],
  ['100-continue without a blank', 'Expect:100-continue\r\n'],
  ['100-continue between tabs', 'Expect:\t100-continue\t\r\n'],
  ['100-continue twice', 'Expect: 100-continue\r\nExpect: 100-continue\r\n'],
  ['a list of 100-continue', 'Expect: 100-continue, 100-continue\r\n'],
  ['100-continue and something else', 'Expect: 100-continue, x\r\n'],
  ['something else and 100-continue', 'Expect: y 100-continue\r\n', 'ends'],
  ['100-continue in quotes', 'Expect: "100-continue"\r\n', 'ends'],
  ['100-continue with a parameter', 'Expect: 100-continue;q=1\r\n', 'ends'],
  ['a name with more in front', 'X-Expect: 100-continue\r\n'],
  ['something unknown', 'Expect: 200-ok\r\n'],
  ['nothing', 'Expect:\r\n'],
];

const refused: readonly (readonly [name: string, lines: string])[] = [
  ['a blank before the colon', 'Expect : 100-continue\r\n'],
  ['a folded value', 'Expect:\r\n 100-continue\r\n'],
  ['a bare LF before it', 'X-A: a\nExpect: 100-continue\r\n'],
  ['a NUL', 'Expect: 100-continue\0\r\n'],
];

export const expectations: readonly SmugglingCase[] = [
  ...values.flatMap(([name, lines, then = 'goes on' as const]) => [
    smugglingCase(
      `an expectation of ${name}, with a body`,
      post(`${lines}Content-Length: ${hidden.length}\r\n`, hidden),
      {
        answers: [served('POST', '/tool/x', hidden)],
        then,
      },
    ),
    smugglingCase(`an expectation of ${name}, without a body`, get('/tool/x', lines) + hidden, {
      answers: then === 'ends' ? [served('GET', '/tool/x')] : [served('GET', '/tool/x'), servedHidden],
      then,
    }),
  ]),
  ...refused.map(([name, lines]) =>
    smugglingCase(`an expectation with ${name}`, post(`${lines}Content-Length: ${hidden.length}\r\n`, hidden)),
  ),
  smugglingCase(
    'an expectation with chunks',
    post('Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n', oneChunk(hidden)),
    {
      answers: [served('POST', '/tool/x', hidden)],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'an expectation with a length of nothing',
    post('Expect: 100-continue\r\nContent-Length: 0\r\n', hidden),
    {
      answers: [served('POST', '/tool/x'), servedHidden],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'an expectation with both framings',
    post('Expect: 100-continue\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n', oneChunk(hidden)),
  ),
  smugglingCase(
    'an expectation in disguise',
    post(`E_xpect: 100-continue\r\nContent-Length: ${hidden.length}\r\n`, hidden),
    {
      answers: [served('POST', '/tool/x', hidden)],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'an expectation in HTTP/1.0',
    `POST /tool/x HTTP/1.0\r\n${host}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello`,
    {
      answers: [served('POST', '/tool/x', 'hello')],
      then: 'ends',
    },
  ),
  smugglingCase(
    'an expectation that the tool answers early, and the body when that is known',
    post(`Expect: 100-continue\r\nContent-Length: ${hidden.length}\r\n`, '', '/tool/early'),
    {
      late: hidden,
      answers: [served('POST', '/tool/early', hidden)],
      // The gateway says 100 itself where the tool does not for a while.
      then: 'either',
      partly: { method: 'POST', target: '/tool/early' },
      tools: 'direct',
    },
  ),
  smugglingCase(
    'an expectation that the tool answers early, and no body',
    post(`Expect: 100-continue\r\nContent-Length: ${hidden.length}\r\n`, '', '/tool/early'),
    {
      answers: [served('POST', '/tool/early')],
      then: 'leaves',
      partly: { method: 'POST', target: '/tool/early' },
      tools: 'direct',
    },
  ),
];
