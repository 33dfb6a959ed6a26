import { get, hidden, host, post, served, servedHidden, smugglingCase, type SmugglingCase } from '../smuggling-case';

/** Lines of a head, without their last CRLF, and whether they mean a body of five bytes. */
const lines: readonly (readonly [name: string, lines: string, five: boolean])[] = [
  ['one number', 'Content-Length: 5', true],
  ['one number in lower case', 'content-length: 5', true],
  ['leading zeros', 'Content-Length: 005', true],
  ['a number that is another one in base eight', 'Content-Length: 05', true],
  ['many leading zeros', `Content-Length: ${'0'.repeat(30)}5`, true],
  ['blanks around the number', 'Content-Length:   5  ', true],
  ['a tab before the number', 'Content-Length:\t5', true],
  ['no blank', 'Content-Length:5', true],
  ['a list of the same number', 'Content-Length: 5, 5', false],
  ['a list of two numbers', 'Content-Length: 5, 6', false],
  ['a list without blanks', 'Content-Length: 5,5', false],
  ['a comma behind the number', 'Content-Length: 5,', false],
  ['a comma before the number', 'Content-Length: ,5', false],
  ['two numbers', 'Content-Length: 5 6', false],
  ['a blank in the number', 'Content-Length: 0 5', false],
  ['a tab in the number', 'Content-Length: 0\t5', false],
  ['a plus', 'Content-Length: +5', false],
  ['a minus', 'Content-Length: -5', false],
  ['minus nothing', 'Content-Length: -0', false],
  ['a fraction', 'Content-Length: 5.0', false],
  ['an exponent', 'Content-Length: 5e0', false],
  ['a number in base sixteen', 'Content-Length: 0x5', false],
  ['a number in base two', 'Content-Length: 0b101', false],
  ['a number in base eight, by its prefix', 'Content-Length: 0o5', false],
  ['an underscore in the number', 'Content-Length: 0_5', false],
  ['a number in quotes', 'Content-Length: "5"', false],
  ['a number in apostrophes', "Content-Length: '5'", false],
  ['a letter behind the number', 'Content-Length: 5a', false],
  ['a semicolon behind the number', 'Content-Length: 5;', false],
  ['a colon behind the number', 'Content-Length: 5:', false],
  ['a colon before the number', 'Content-Length:: 5', false],
  ['a NUL behind the number', 'Content-Length: 5\0', false],
  ['a NUL before the number', 'Content-Length: \x005', false],
  ['a vertical tab behind the number', 'Content-Length: 5\v', false],
  ['a vertical tab before the number', 'Content-Length: \v5', false],
  ['a form feed before the number', 'Content-Length: \f5', false],
  ['a blank of Unicode before the number', 'Content-Length: \xa05', false],
  ['a blank of Unicode behind the number', 'Content-Length: 5\x85', false],
  ['digits of another script', 'Content-Length: \xd9\xa5', false],
  ['no number', 'Content-Length:', false],
  ['a word', 'Content-Length: five', false],
  ['infinity', 'Content-Length: Infinity', false],
  ['two to the 64 more than that', 'Content-Length: 18446744073709551621', false],
  ['two to the 128 more than that', 'Content-Length: 340282366920938463463374607431768211461', false],
  ['ten thousand digits', `Content-Length: ${'1'.repeat(10_000)}`, false],
  ['the same field twice', 'Content-Length: 5\r\nContent-Length: 5', false],
  ['two fields, the second shorter', 'Content-Length: 5\r\nContent-Length: 0', false],
  ['two fields, the second longer', 'Content-Length: 5\r\nContent-Length: 6', false],
  ['two fields in different cases', 'content-length: 5\r\nCONTENT-LENGTH: 0', false],
  ['two fields, the second empty', 'Content-Length: 5\r\nContent-Length:', false],
  ['two fields, the first empty', 'Content-Length:\r\nContent-Length: 5', false],
  ['two fields with others between', 'Content-Length: 5\r\nX-A: a\r\nX-B: b\r\nContent-Length: 0', false],
  ['a folded number', 'Content-Length:\r\n 5', false],
  ['a number folded behind another', 'Content-Length: 0\r\n 5', false],
  ['a number folded by a tab', 'Content-Length: 5\r\n\t0', false],
  ['a number behind a bare LF', 'Content-Length:\n 5', false],
  ['a blank before the colon', 'Content-Length : 5', false],
  ['a tab before the colon', 'Content-Length\t: 5', false],
  ['a NUL before the colon', 'Content-Length\0: 5', false],
  ['a blank before the name', ' Content-Length: 5', false],
  ['a blank for the hyphen', 'Content Length: 5', false],
  ['a bare LF before the name', 'X-A: a\nContent-Length: 5', false],
  ['a bare CR before the name', 'X-A: a\rContent-Length: 5', false],
  ['another in disguise', 'Content-Length: 5\r\nContent_Length: 0', true],
  ['another in disguise before it', 'content_length: 9\r\nContent-Length: 5', true],
  ['another under a longer name', 'Content-Length: 5\r\nX-Content-Length: 0', true],
  ['a Content-Type beside it that is chunked', 'Content-Length: 5\r\nContent-Type: chunked', true],
];

const byLine = lines.map(([name, text, five]) => {
  const bytes = post(`${text}\r\n`, `hello${hidden}`);
  const absent = /content_length/i.test(text) ? ['content_length'] : [];
  if (!five) return smugglingCase(`a length of ${name}`, bytes);
  const answers = [served('POST', '/tool/x', 'hello', { absent }), servedHidden];
  return smugglingCase(`a length of ${name}`, bytes, { answers, then: 'goes on' });
});

/** More than arrives, up to what the gateway counts to. */
const unfinished = ['4294967301', '999999999999999', '9007199254740991'].map((length) =>
  smugglingCase(`a length of ${length} and little of it`, post(`Content-Length: ${length}\r\n`, `hello${hidden}`), {
    then: 'leaves',
    partly: { method: 'POST', target: '/tool/x' },
  }),
);

/** More than some count to: five more than where their numbers begin anew, and the most that others know. */
const uncounted = ['9007199254740997', '9223372036854775813', '18446744073709551615'].map((length) =>
  smugglingCase(`a length of ${length} and little of it`, post(`Content-Length: ${length}\r\n`, `hello${hidden}`)),
);

/** Whose bodies are often not looked for. */
const bodies = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PATCH'].flatMap((method) => {
  const line = `${method} /tool/x HTTP/1.1\r\n${host}`;
  const then = { answers: [served(method, '/tool/x', hidden)], then: 'goes on' } as const;
  return [
    smugglingCase(`CL.0 by ${method}`, `${line}Content-Length: ${hidden.length}\r\n\r\n${hidden}`, then),
    smugglingCase(
      `TE.0 by ${method}`,
      `${line}Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
      then,
    ),
    smugglingCase(
      `both framings by ${method}`,
      `${line}Transfer-Encoding: chunked\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    ),
  ];
});

const silent = [
  smugglingCase('0.CL by a length of nothing and more behind it', post('Content-Length: 0\r\n', hidden), {
    answers: [served('POST', '/tool/x'), servedHidden],
    then: 'goes on',
  }),
  smugglingCase('0.CL by a POST without a length and more behind it', post('', hidden), {
    answers: [served('POST', '/tool/x'), servedHidden],
    then: 'goes on',
  }),
  smugglingCase(
    'a length of minus the request’s own',
    get('/tool/x', `Content-Length: -${get('/tool/x').length}\r\n`) + hidden,
  ),
  smugglingCase('a length in disguise alone', post('Content_Length: 5\r\n', `hello${hidden}`), {
    answers: [served('POST', '/tool/x', '', { absent: ['content_length'] })],
  }),
  smugglingCase('CL.0 by a tool that answers early', post(`Content-Length: ${hidden.length}\r\n`, '', '/tool/early'), {
    late: hidden,
    answers: [served('POST', '/tool/early', hidden)],
    then: 'goes on',
    partly: { method: 'POST', target: '/tool/early' },
    tools: 'direct',
  }),
  smugglingCase('TE.0 by a tool that answers early', post('Transfer-Encoding: chunked\r\n', '', '/tool/early'), {
    late: `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
    answers: [served('POST', '/tool/early', hidden)],
    then: 'goes on',
    partly: { method: 'POST', target: '/tool/early' },
    tools: 'direct',
  }),
];

export const contentLength: readonly SmugglingCase[] = [...byLine, ...unfinished, ...uncounted, ...bodies, ...silent];
