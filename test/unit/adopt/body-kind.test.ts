import { bodyKind } from '../../../src/adopt/body-kind';

const kind = (fields: string[], asked: string[] = [], status = 200) =>
  bodyKind({ method: 'GET', fields: asked }, status, fields);
const type = (value: string) => ['Content-Type', value];

test.each([
  ['text/html', 'document'],
  ['Text/HTML; charset=utf-8', 'document'],
  ['text/html;charset="windows-1252"', 'document'],
  ['text/html; charset=Shift_JIS', 'document'],
  ['text/css', 'style'],
  ['application/manifest+json', 'manifest'],
  ['text/html; charset=utf-16le', null],
  ['text/html; charset="ISO-2022-JP"', null],
  ['application/json', null],
  ['text/javascript', null],
  ['image/svg+xml', null],
  ['constructor', null],
  ['', null],
])('%s is %s', (value, expected) => expect(kind(type(value))).toBe(expected));

test.each([
  ['document', 'document'],
  ['iframe', 'document'],
  ['empty', 'fragment'],
  ['script', 'fragment'],
])('HTML that is asked for as %s is a %s', (dest, expected) =>
  expect(kind(type('text/html'), ['Sec-Fetch-Dest', dest])).toBe(expected),
);

test('a browser that does not say what it asks for is judged by what it accepts', () => {
  expect(kind(type('text/html'), ['Accept', 'text/html,*/*;q=0.8'])).toBe('document');
  expect(kind(type('text/html'), ['Accept', '*/*'])).toBe('fragment');
  expect(kind(type('text/html'), ['Accept', 'text/html', 'X-Requested-With', 'XMLHttpRequest'])).toBe('fragment');
});

test('a manifest may be labelled as any JSON', () => {
  expect(kind(type('application/json'), ['Sec-Fetch-Dest', 'manifest'])).toBe('manifest');
  expect(kind(type('text/html'), ['Sec-Fetch-Dest', 'manifest'])).toBe('fragment');
});

test('what is saved to a file is data, and some answers have no body', () => {
  expect(kind([...type('text/html'), 'Content-Disposition', 'Attachment; filename=x.html'])).toBeNull();
  expect(kind([...type('text/html'), 'Content-Disposition', 'inline'])).toBe('document');
  expect(kind(type('text/html'), [], 204)).toBeNull();
});
