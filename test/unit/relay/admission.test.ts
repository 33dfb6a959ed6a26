import fc from 'fast-check';
import type { Site } from '../../../src/app/site';
import { MountTable } from '../../../src/mount/table';
import { Admission } from '../../../src/relay/admission';
import type { MountStatus } from '../../../src/upstream/status';
import { mountsOf } from '../../support/mounts';

const healthy = { state: 'healthy' } as MountStatus;
const unhealthy = { state: 'unhealthy', detail: '', advice: [] } as unknown as MountStatus;

/** A site with one tool, at a path of its own. */
function siteWith(path: string, status = healthy, more: object = {}) {
  const state = { status };
  const target = 'http://localhost:3000';
  const table = new MountTable(mountsOf({ path, target, health: { path: '/health' }, ...more }));
  const site = {
    config: { listen: { https: null, http: { mode: 'serve' } }, limits: { url: 4_000, fields: 20 } },
    table,
    routes: new Map(table.mounts.map((mount) => [mount, { pool: {} }])),
    board: { statusOf: () => state.status },
    trusts: () => false,
    serves: () => true,
  } as unknown as Site;
  return { site, state };
}

const peer = { address: '192.0.2.7', secure: false, certificate: null };

/** As a connection does it. @returns what the request is, without what it is remembered by */
function ask(admission: Admission, text: string) {
  const request = admission.again(text) ?? admission.admit(text, text.indexOf('\r\n\r\n') + 2);
  return request && [request.method, request.target, request.passage, request.known.fields, request.known.view];
}

const head = (line: string, ...fields: string[]) => [`${line} HTTP/1.1`, ...fields, '', ''].join('\r\n');

const heads = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'BREW'),
    fc.constantFrom('/tool/', '/tool/a', '/tool', '/other/', '/tool/%2e%2e/'),
    fc.constantFrom('tools.example', 'other.example', ''),
    fc.constantFrom('', 'Content-Length: 3', 'Content-Length: x', 'Connection: close', 'Upgrade: websocket'),
    fc.constantFrom('', 'abc'),
  )
  .map(([method, target, host, field, body]) =>
    head(`${method} ${target}`, `Host: ${host}`, ...(field === '' ? [] : [field])).concat(body),
  );

test('a request is what it is, whatever came before it on the connection', () => {
  fc.assert(
    fc.property(fc.array(heads, { minLength: 2, maxLength: 6 }), (texts) => {
      const { site } = siteWith('/tool');
      const admission = new Admission(() => site, peer);
      for (const text of [...texts, ...texts]) {
        expect(ask(admission, text)).toEqual(ask(new Admission(() => site, peer), text));
      }
    }),
    { numRuns: 500 },
  );
});

const usual = head('GET /tool/', 'Host: tools.example');

test('the same head again is the same request', () => {
  const { site } = siteWith('/tool');
  const admission = new Admission(() => site, peer);
  expect(admission.again(usual)).toBeNull();
  const request = admission.admit(usual, usual.length - 2);
  expect(request).not.toBeNull();
  expect(admission.again(usual)).toBe(request);
  expect(admission.again(`${usual}x`)).toBeNull();
});

test('nothing is remembered beyond a reload', () => {
  let { site } = siteWith('/tool');
  const admission = new Admission(() => site, peer);
  admission.admit(usual, usual.length - 2);
  ({ site } = siteWith('/elsewhere'));
  expect(ask(admission, usual)).toBeNull();
});

test('a tool that is not well any more is not asked because it was before', () => {
  const { site, state } = siteWith('/tool');
  const admission = new Admission(() => site, peer);
  admission.admit(usual, usual.length - 2);
  state.status = unhealthy;
  expect(ask(admission, usual)).toBeNull();
  state.status = healthy;
  expect(ask(admission, usual)).not.toBeNull();
});

test('a head that is too long to keep for each of thousands of connections is read anew', () => {
  const { site } = siteWith('/tool');
  const admission = new Admission(() => site, peer);
  const long = head('GET /tool/', 'Host: tools.example', `Cookie: ${'a'.repeat(5_000)}`);
  const request = admission.admit(long, long.length - 2);
  expect(request).not.toBeNull();
  expect(admission.again(long)).toBeNull();
  expect(admission.admit(long, long.length - 2)?.known).not.toBe(request?.known);
});

test('a request with more fields than may be is for the app to judge', () => {
  const { site } = siteWith('/tool');
  const fields = (count: number) => ['Host: tools.example', ...Array.from({ length: count }, () => 'X: a')];
  const admission = new Admission(() => site, peer);
  expect(ask(admission, head('GET /tool/', ...fields(19)))).not.toBeNull();
  expect(ask(admission, head('GET /tool/', ...fields(20)))).toBeNull();
});

test('a mount whose requests are counted is not the relay’s', () => {
  const text = head('GET /tool/', 'Host: tools.example');
  const { site: limited } = siteWith('/tool', healthy, { rateLimit: { requests: 1 } });
  const { site: free } = siteWith('/tool');
  let site = free;
  const admission = new Admission(() => site, peer);
  expect(ask(admission, text)).not.toBeNull();
  site = limited;
  expect(ask(admission, text)).toBeNull();
});
