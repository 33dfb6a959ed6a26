import { passageByRewrite, passageByUri } from '../../../src/import/passage';

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
  ['/', '^/(.*)', '/$1', null],
  ['/', '^/kpow/(.*)', '/$1', null],
  ['/kpow/', '^/kpow(.*)', '/$1', null],
  ['/kpow/', '^/kpow/(.*)', '/$1?x=1', null],
  ['/kpow/', '^/kpow/([0-9]+)', '/$1', null],
])('location %s with rewrite %s %s break', (location, pattern, replacement, passage) =>
  expect(passageByRewrite(location, pattern, replacement)).toEqual(passage),
);
