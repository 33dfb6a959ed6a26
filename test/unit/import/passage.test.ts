import { passageByRewrite, passageByUri, passageOfWhole } from '../../../src/import/passage';

const strip = (base = '') => ({ prefix: 'strip', base });
const keep = { prefix: 'keep' };

test.each([
  ['/', null, keep],
  ['/', '/', keep],
  ['/', '/b/', strip('/b')],
  ['/', '/b', null],
  ['/a/', null, keep],
  ['/a/', '/', strip()],
  ['/a/', '/a/', keep],
  ['/a/', '/b/', strip('/b')],
  ['/a/', '/b', null],
  ['/a', '/b', strip('/b')],
  ['/a', '/', strip()],
  ['/a/', '/?x=', null],
])('location %s with the URI %s', (location, uri, passage) => expect(passageByUri(location, uri)).toEqual(passage));

test.each([
  ['/kpow/', '/kpow/(.*)', '/$1', strip()],
  ['/kpow/', '^/kpow/(.*)$', '/$1', strip()],
  ['/kpow', '^/kpow(/.*)$', '$1', strip()],
  ['/kpow', '^/kpow(/|$)(.*)', '/$2', strip()],
  ['/kpow', '^/kpow/?(.*)', '/$1', strip()],
  ['/kpow/', '^/kpow/(.*)', '/base/$1', strip('/base')],
  ['/a/b/', '^/a/(.*)', '/$1', strip('/b')],
  ['/', '^/(.*)', '/$1', keep],
  ['/', '^/(.*)', '/base/$1', strip('/base')],
  ['/', '^(.*)$', '/base$1', strip('/base')],
  ['/x/', '/x(.*)', '$1', strip()],
  ['/x/', '^/x(.*)$', '$1', strip()],
  ['/x', '/x(.*)', '$1', strip()],
  ['/x/', '/x(.*)', '/base$1', strip('/base')],
  ['/a/x/', '/x(.*)', '$1', strip()],
  ['/a/x/', '^/x(.*)', '$1', null],
  ['/y/', '/x(.*)', '$1', null],
  ['/x/', '^/x/(?<rest>.*)$', '/$rest', strip()],
  ['/x/', '^\\/x\\/(.*)$', '/$1', strip()],
  ['/x.y/', '^/x\\.y/(.*)$', '/$1', strip()],
  ['/x', '^/x(?:/(.*))?$', '/$1', strip()],
  ['/x', '^/x(/.*)?$', '$1', strip()],
  ['/x/', '^/x/(.*)', '/x/$1', keep],
  ['/', '^/kpow/(.*)', '/$1', null],
  ['/kpow/', '^/kpow(.*)', '/$1', null],
  ['/kpow/', '^/kpow/(.*)', '/$1?x=1', null],
  ['/kpow/', '^/kpow/([0-9]+)', '/$1', null],
])('location %s with rewrite %s %s break', (location, pattern, replacement, passage) =>
  expect(passageByRewrite(location, pattern, replacement)).toEqual(passage),
);

test.each([
  [null, keep],
  ['/', keep],
  ['/base', { prefix: 'keep', base: '/base' }],
])('$request_uri behind %s', (uri, passage) => expect(passageOfWhole(uri)).toEqual(passage));
