import { bodyKind } from '../../../src/adopt/body-kind';

const kind = (fields: string[], asked: string[] = [], status = 200, target = '/x') =>
  bodyKind({ method: 'GET', fields: asked }, status, fields, target);
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
  expect(kind(type('text/html'), ['Accept', '*/*, TEXT/HTML;q=0.9'])).toBe('document');
  expect(kind(type('text/html'), ['Accept', '*/*'])).toBe('fragment');
  expect(kind(type('text/html'), ['Accept', 'text/html', 'X-Requested-With', 'XMLHttpRequest'])).toBe('fragment');
});

test.each([
  ['/manifest.json', 'application/json', 'manifest'],
  ['/app/Manifest.JSON?v=1', 'text/json; charset=utf-8', 'manifest'],
  ['/asset-manifest.4f.json', 'application/json', 'manifest'],
  ['/site.webmanifest', 'application/x+json', 'manifest'],
  ['/any', 'application/manifest+json', 'manifest'],
  // An API's JSON stays, whatever its client says that it asks for.
  ['/api/keys', 'application/json', null],
  ['/api/manifest', 'application/json', null],
  ['/api/keys?file=manifest.json', 'application/json', null],
  ['/api/manifest.json/keys', 'application/json', null],
  ['/api/keys.json', 'application/json', null],
  ['/manifest.json', 'text/html', 'fragment'],
  ['/manifest.json', 'text/plain', null],
])('%s that is asked for as a manifest and is %s', (target, value, expected) => {
  expect(kind(type(value), ['Sec-Fetch-Dest', 'manifest'], 200, target)).toBe(expected);
  if (expected === 'manifest' && !value.includes('manifest')) expect(kind(type(value), [], 200, target)).toBeNull();
});

test('what is saved to a file is data, and some answers have no body', () => {
  expect(kind([...type('text/html'), 'Content-Disposition', 'Attachment; filename=x.html'])).toBeNull();
  expect(kind([...type('text/html'), 'Content-Disposition', 'inline'])).toBe('document');
  expect(kind(type('text/html'), [], 204)).toBeNull();
});
