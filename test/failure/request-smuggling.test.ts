import { startNodeReader } from '../smuggling/readers/node-reader';
import { startRecorder } from '../smuggling/readers/recorder';
import { runTable } from '../smuggling/run-table';
import { readStrictly } from '../smuggling/strict-reader';
import { entrance } from '../support/ways/entrance';
import { allCases, reachingCases } from '../smuggling/table';

test('the table has at least 250 cases, each with a name and bytes of its own', () => {
  const distinct = (of: (each: (typeof allCases)[number]) => string) => new Set(allCases.map(of)).size;
  expect(allCases.length).toBeGreaterThanOrEqual(250);
  expect([distinct(({ name }) => name), distinct(({ bytes, late }) => bytes + late)]).toEqual([
    allCases.length,
    allCases.length,
  ]);
});

describe('the strict reader', () => {
  const head = (lines: string) => `POST /x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n${lines}\r\n`;

  test.each([
    ['a length', 'Content-Length: 5\r\n', 'hello'],
    ['chunks', 'Transfer-Encoding: chunked\r\n', '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'],
    ['trailers', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n'],
  ])('reads a request with %s, and not what stands behind it', (_, lines, body) => {
    const text = head(lines) + body;
    const reading = { kind: 'request', request: { method: 'POST', target: '/x', body: 'hello' }, end: text.length };
    expect(readStrictly(`${text}GET`)).toMatchObject(reading);
    expect(readStrictly(text.slice(0, -1))).toMatchObject({ kind: 'incomplete', head: { target: '/x' } });
  });

  test.each([
    ['both framings', head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')],
    ['two lengths', head('Content-Length: 5\r\nContent-Length: 5\r\n')],
    ['a length in disguise', head('Content_Length: 5\r\n')],
    ['a length that begins with a zero', head('Content-Length: 05\r\n')],
    ['another coding', head('Transfer-Encoding: chunked, identity\r\n')],
    ['a second Host', head('Host: b\r\n')],
    ['a blank before a colon', head('X-A : a\r\n')],
    ['a folded line', head('X-A: a\r\n b\r\n')],
    ['a bare LF', head('X-A: a\nX-B: b\r\n')],
    ['a bare CR', head('X-A: a\rX-B: b\r\n')],
    ['a field for one connection', head('TE: trailers\r\n')],
    ['an upgrade to h2c', head('Upgrade: h2c\r\n')],
    ['HTTP/1.0', head('').replace('1.1', '1.0')],
    ['an absolute target', head('').replace('/x', 'http://a/x')],
    ['a chunk size with a blank', `${head('Transfer-Encoding: chunked\r\n')}5 \r\n`],
    ['an extension', `${head('Transfer-Encoding: chunked\r\n')}5;a\r\n`],
    ['a chunk that is longer than it says', `${head('Transfer-Encoding: chunked\r\n')}1\r\nabc`],
    ['a trailer that frames', `${head('Transfer-Encoding: chunked\r\n')}0\r\nContent-Length: 5\r\n\r\n`],
  ])('refuses %s', (_, text) => {
    expect(readStrictly(text).kind).toBe('ambiguous');
  });
});

/** The whole of it, and nginx, is for test/real: what reaches these is what the strict reader has found sound. */
const share = reachingCases.filter((_, i) => i % 3 === 0);

describe.each([
  ['records bytes and reads them strictly', startRecorder, allCases, 6],
  ['is Node’s server', () => startNodeReader(false), share, Infinity],
  ['is Node’s server with its lenient parser', () => startNodeReader(true), share, Infinity],
])('before a tool that %s', (_, start, cases, cutEvery) => {
  test('every case ends as it should, and the next client’s answer is its own', async () => {
    const { results, strays } = await runTable(cases, entrance, await start(), cutEvery);
    expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
    expect(strays).toEqual([]);
    // Else nothing is told by the next client’s answer.
    expect(results.filter(({ reused }) => reused).length).toBeGreaterThan(cases.length / 4);
  }, 120_000);
});
