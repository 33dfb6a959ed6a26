import type { Site } from '../../../src/app/site';
import type { Peer } from '../../../src/headers/forwarded';
import { fieldText } from '../../../src/headers/raw';
import { framingByLength, outboundFields } from '../../../src/headers/request';
import type { Mount } from '../../../src/mount/mount';
import { KnownFields } from '../../../src/relay/known-fields';
import { mountsOf } from '../../support/mounts';

const peer: Peer = { address: '192.0.2.7', secure: true, certificate: null };
const siteTrusting = (trusts: boolean) =>
  ({ trusts: () => trusts, serves: () => true, config: { listen: { https: null } } }) as unknown as Site;
const linesOf = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join('');

function read(lines: string, site = siteTrusting(false)): KnownFields {
  const known = KnownFields.read(lines, site, peer);
  if (!known) throw new Error('not taken');
  return known;
}

/** What is sent without anything being remembered. */
function fresh({ fields, view }: KnownFields, method: string, mount: Mount, traced: boolean): string {
  const framing = framingByLength(method, fields.length);
  const { websocket } = fields;
  return fieldText(
    outboundFields(fields.raw, mount, { view, peer, framing, websocket, expectsContinue: false, traced }),
  );
}

const mounts = [
  ...mountsOf(
    { path: '/a', target: 'http://a.internal:1' },
    { path: '/b', target: 'http://b.internal:2', host: 'target' },
    { path: '/c', target: 'http://a.internal:1', prefix: 'keep' },
  ),
  // As a reload makes it: the same path with another meaning.
  ...mountsOf({ path: '/a', target: 'http://c.internal:3', host: 'target' }),
];

test.each([
  ['without a body', linesOf('Host: tools.example', 'Traceparent: x', 'Origin: https://tools.example', 'Cookie: a=b')],
  ['with a body', linesOf('Host: tools.example', 'Content-Length: 5')],
  ['that ask for a websocket', linesOf('Host: tools.example', 'Connection: Upgrade', 'Upgrade: websocket')],
])('fields %s become each mount’s, method’s and trace’s own, in whatever order they are asked for', (_, lines) => {
  const known = read(lines);
  const cases = mounts.flatMap((mount) =>
    ['GET', 'POST', 'DELETE', 'PUT'].flatMap((method) => [true, false].map((traced) => ({ mount, method, traced }))),
  );
  // Every case comes right behind every other, and behind itself.
  for (const before of cases) {
    for (const { mount, method, traced } of cases) {
      known.outbound(before.method, before.mount, before.traced);
      expect(known.outbound(method, mount, traced)).toBe(fresh(known, method, mount, traced));
    }
  }
});

test('the same lines mean for each site what it trusts', () => {
  const lines = linesOf('Host: tools.example', 'X-Forwarded-For: 203.0.113.9', 'X-Request-Id: said');
  const trusted = read(lines, siteTrusting(true));
  const untrusted = read(lines);
  expect([trusted.view.address, trusted.saidId]).toEqual(['203.0.113.9', 'said']);
  expect([untrusted.view.address, untrusted.saidId]).toEqual(['192.0.2.7', null]);
});

test.each([
  ['no host', linesOf('Accept: x')],
  ['a host that is none', linesOf('Host: a b')],
  ['two hosts', linesOf('Host: a', 'Host: a')],
  ['a transfer coding', linesOf('Host: a', 'Transfer-Encoding: chunked')],
])('%s is not taken', (_, lines) => {
  expect(KnownFields.read(lines, siteTrusting(false), peer)).toBeNull();
});
