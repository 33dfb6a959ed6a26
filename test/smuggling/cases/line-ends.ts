import { get, hidden, host, served, servedHidden, smugglingCase, spelled, type SmugglingCase } from '../smuggling-case';

const line = 'GET /tool/x HTTP/1.1\r\n';

const refused: readonly (readonly [name: string, bytes: string])[] = [
  ['a request line that ends in a bare LF', `GET /tool/x HTTP/1.1\n${host}\r\n`],
  ['a request line that ends in a bare CR', `GET /tool/x HTTP/1.1\r${host}\r\n`],
  ['a request line that ends in two CRs', `GET /tool/x HTTP/1.1\r\r\n${host}\r\n`],
  ['a request line that ends in LF and CR', `GET /tool/x HTTP/1.1\n\r${host}\r\n`],
  ['a request line that ends in a NUL', `GET /tool/x HTTP/1.1\0\r\n${host}\r\n`],
  ['a field that ends in a bare LF', `${line}X-A: a\n${host}\r\n`],
  ['a field that ends in a bare CR', `${line}X-A: a\r${host}\r\n`],
  ['a field that ends in two CRs', `${line}X-A: a\r\r\n${host}\r\n`],
  ['a field that ends in LF and CR', `${line}X-A: a\n\r${host}\r\n`],
  ['a field that ends in LF and CRLF', `${line}X-A: a\n\r\n${hidden}`],
  ['lines that all end in bare LFs', `GET /tool/x HTTP/1.1\nHost: a\nX-A: b\n\n`],
  ['lines that all end in bare CRs', `GET /tool/x HTTP/1.1\rHost: a\rX-A: b\r\r`],
  ['a head that ends in two LFs', `${line}Host: a\n\n${hidden}`],
  ['a head that ends in CRLF and LF', `${line}${host}\n${hidden}`],
  ['a head that ends in CRLF and CR', `${line}${host}\r${hidden}`],
  ['a head that ends in CRLF, CR and a letter', `${line}${host}\rX-A: a\r\n\r\n`],
  ['a head that ends in two CRs and a LF', `${line}${host}\r\r\n${hidden}`],
  ['a line of nothing but a blank', `${line}${host} \r\n\r\n${hidden}`],
  ['a line of nothing but a tab', `${line}${host}\t\r\n\r\n${hidden}`],
  ['a line of nothing but a NUL', `${line}${host}\0\r\n\r\n${hidden}`],
  ['a line of nothing but a colon', `${line}${host}:\r\n\r\n`],
  ['a line of nothing but a name', `${line}${host}X-A\r\n\r\n`],
  ['a line of nothing but a blank before the fields', `${line} \r\n${host}\r\n`],
  ['a folded field', `${line}${host}X-A: a\r\n b\r\n\r\n`],
  ['a field folded by a tab', `${line}${host}X-A: a\r\n\tb\r\n\r\n`],
  ['a field folded into an empty line', `${line}${host}X-A: a\r\n \r\n\r\n${hidden}`],
  ['a first field that is folded', `${line} X-A: a\r\n${host}\r\n`],
  ['a folded Host', `${line}Host:\r\n public.example\r\n\r\n`],
  ['a field folded into a request', `${line}${host}X-A: a\r\n ${hidden}`],
  ['a blank before the method', ` ${line}${host}\r\n`],
  ['a tab before the method', `\t${line}${host}\r\n`],
  ['a NUL before the method', `\0${line}${host}\r\n`],
  ['a line of a blank before the request', ` \r\n${line}${host}\r\n`],
  ['a name with a blank', `${line}${host}X A: a\r\n\r\n`],
  ['a blank before a colon', `${line}${host}X-A : a\r\n\r\n`],
  ['a field without a name', `${line}${host}: a\r\n\r\n`],
  ['a field in brackets', `${line}${host}[X-A]: a\r\n\r\n`],
  ['a second request line among the fields', `${line}${line}${host}\r\n`],
];

/** No token has them (RFC 9110 §5.6.2), and no value, request line or target either but for those above 0x7f. */
const controls = ['\0', '\x01', '\b', '\v', '\f', '\x1b', '\x1f', '\x7f'];
const high = ['\x80', '\x85', '\xa0', '\xff'];

const inNames = [...controls, ...high, '"', '(', ',', '/', '=', '@', '\\', '{'].map((byte) =>
  smugglingCase(`a name with ${spelled(byte)}`, get('/tool/x', `X${byte}A: a\r\n`)),
);
const inValues = controls.map((byte) =>
  smugglingCase(`a value with ${spelled(byte)}`, get('/tool/x', `X-A: a${byte}b\r\n`)),
);
const inMethods = [...controls, ...high].map((byte) =>
  smugglingCase(`a method with ${spelled(byte)}`, `GE${byte}T /tool/x HTTP/1.1\r\n${host}\r\n`),
);
const inTargets = [...controls, ' ', '\t'].map((byte) =>
  smugglingCase(`a target with ${spelled(byte)}`, get(`/tool/x${byte}y`)),
);
const forBlanks = ['\t', '\v', '\f', '\r', '\0', '\xa0'].map((byte) =>
  smugglingCase(`${spelled(byte)} for the blanks of a request line`, `GET${byte}/tool/x${byte}HTTP/1.1\r\n${host}\r\n`),
);

const soundAfterAll = [
  smugglingCase('an empty line before the request', `\r\n${get('/tool/x')}`, {
    answers: [served('GET', '/tool/x')],
    then: 'goes on',
  }),
  smugglingCase('five empty lines between requests', `${get('/tool/x')}${'\r\n'.repeat(5)}${hidden}`, {
    answers: [served('GET', '/tool/x'), servedHidden],
    then: 'goes on',
  }),
  smugglingCase('a value with what is not ASCII', get('/tool/x', 'X-A: \x80\x85\xa0\xff\r\n'), {
    answers: [served('GET', '/tool/x')],
    then: 'goes on',
  }),
  smugglingCase('a value with blanks and tabs', get('/tool/x', 'X-A:\t a \t b\t\r\n'), {
    answers: [served('GET', '/tool/x')],
    then: 'goes on',
  }),
  smugglingCase('line ends that are encoded', get('/tool/x%0d%0aX-A:%20a', 'X-A: %0d%0aX-B: b\r\n'), {
    answers: [served('GET', '/tool/x%0d%0aX-A:%20a')],
    then: 'goes on',
  }),
];

export const lineEnds: readonly SmugglingCase[] = [
  ...refused.map(([name, bytes]) => smugglingCase(name, bytes)),
  ...inNames,
  ...inValues,
  ...inMethods,
  ...inTargets,
  ...forBlanks,
  ...soundAfterAll,
];
