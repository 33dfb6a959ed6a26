import { assets } from '../../../src/portal/assets';
import { comesBack, problemJson, renderErrorPage, type Failure } from '../../../src/app/error-page';
import { prefersHtml } from '../../../src/app/prefers-html';
import { failureTexts } from '../../../src/app/failure-advice';
import { kpowErrorAdvice, kpowErrorDetail } from '../../../src/upstream/kpow-advice';
import { ProxyError, type ProxyErrorCode } from '../../../src/upstream/proxy-error';
import { mountNamed, statusOf } from '../portal/fixtures';

const codes = Object.keys(failureTexts) as ProxyErrorCode[];
const grafana = mountNamed('Grafana', '/grafana');
const cause = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:4711'), { address: '10.1.2.3' });

const failure = (code: ProxyErrorCode, more: Partial<Failure> = {}): Failure => ({
  error: new ProxyError(code, 'Grafana', cause),
  requestId: 'req-42',
  mount: grafana,
  status: null,
  portalPath: '/',
  retry: true,
  now: new Date('2024-05-03T14:03:00Z'),
  ...more,
});

const text = (page: string): string =>
  page
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"');

describe.each(codes)('%s', (code) => {
  test('tells people what happened, what to try, the request id, the time and the way to the portal', () => {
    const page = renderErrorPage(failure(code));
    const { error } = failure(code);
    const { detail, advice } = problemJson(failure(code));
    expect(page).toContain(`<h1>${error.message}</h1>`);
    expect(page).toContain(`>${error.status}<`);
    for (const sentence of [detail, ...advice]) expect(text(page)).toContain(sentence.replaceAll('`', ''));
    expect(page).toContain('req-42');
    expect(page).toContain('datetime="2024-05-03T14:03:00.000Z"');
    expect(page).toContain('href="/">Go to the portal');
  });

  test('gives programs problem JSON', () => {
    const { error } = failure(code);
    const problem = problemJson(failure(code));
    expect(problem).toMatchObject({
      title: error.message,
      status: error.status,
      code,
      requestId: 'req-42',
      instance: 'urn:kpow-gateway:request:req-42',
      mount: '/grafana',
    });
    expect(problem.type).toMatch(/^urn:kpow-gateway:problem:[a-z-]+$/);
    expect(problem.advice.length).toBeGreaterThan(0);
    expect(problem.detail).not.toContain('{name}');
  });

  test('shows neither address nor cause', () => {
    for (const shown of [renderErrorPage(failure(code)), JSON.stringify(problemJson(failure(code)))]) {
      expect(shown).not.toMatch(/secret|4711|10\.1\.2\.3|ECONNREFUSED|\.ts:\d/);
    }
  });

  test('has no inline script or style, and only assets that are there', () => {
    const page = renderErrorPage(failure(code));
    expect(page).not.toMatch(/\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc="\/-\/assets\/)/i);
    for (const [, path] of page.matchAll(/(?:src|href)="(\/-\/assets\/[^"]+)"/g)) expect(assets.has(path!)).toBe(true);
  });
});

test('whatever comes from outside is escaped', () => {
  const name = '<img src=x onerror="alert(1)">';
  const page = renderErrorPage({
    ...failure('UPSTREAM_REFUSED'),
    error: new ProxyError('UPSTREAM_REFUSED', name),
    requestId: '"><script>alert(1)</script>',
    mount: { name, path: '/"><b>' },
    status: statusOf('unhealthy', { detail: name, advice: [name] }),
    portalPath: '/"x',
  });
  expect(page).not.toMatch(/<img|<b>|<script>|"x/);
  expect(page).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt; refused the connection');
});

test('an odd request id makes a valid instance all the same', () => {
  expect(problemJson(failure('INTERNAL', { requestId: 'a b/ü\ud800' })).instance).toMatch(/^[\w:%.-]+$/);
});

describe('kPow in its ERROR state', () => {
  const status = statusOf('unhealthy', {
    reason: 'kpow-error-state',
    detail: kpowErrorDetail,
    advice: kpowErrorAdvice,
  });
  const kpow = mountNamed('kPow', '/kpow', { kind: 'kpow' });

  test.each([
    ['with its status', status],
    ['before a status is known', null],
  ])('is explained, with what helps, %s', (_, known) => {
    const page = text(renderErrorPage(failure('KPOW_ERROR_STATE', { mount: kpow, status: known })));
    expect(page).toContain('internal Kafka Streams have stopped');
    expect(page).toContain('longer than its timeout plus the heartbeat');
    expect(page).toContain('Restart kPow: its web interface stays unavailable until it is restarted');
    expect(page).toContain('liveness probe at kPow’s /healthy');
    expect(page).toContain('STREAMS_ERROR_STRATEGY=LOG_AND_EXIT');
  });
});

test('a tool that says it is not well is quoted', () => {
  const status = statusOf('unhealthy', { detail: 'answers 500 at its health path', advice: ['Look at its log'] });
  expect(problemJson(failure('UPSTREAM_UNHEALTHY', { status }))).toMatchObject({
    detail: 'Grafana answers 500 at its health path.',
    advice: ['Look at its log.'],
  });
});

describe('coming back by itself', () => {
  test.each([
    ['waits for the state of a tool that is known to be in trouble', 'UPSTREAM_REFUSED', 'unreachable', true, 'state'],
    ['asks now and then where nothing checks the tool', 'UPSTREAM_REFUSED', 'unchecked', true, 'poll'],
    ['asks now and then where the check has not noticed yet', 'UPSTREAM_REFUSED', 'healthy', true, 'poll'],
    ['does not repeat an answer that took too long', 'UPSTREAM_RESPONSE_TIMEOUT', 'healthy', true, 'no'],
    ['does not repeat what is not a GET', 'UPSTREAM_REFUSED', 'unreachable', false, 'no'],
    ['does not repeat what the client got wrong', 'BAD_REQUEST', 'unreachable', true, 'no'],
  ] as const)('%s', (_, code, state, retry, expected) => {
    const given = failure(code, { status: statusOf(state), retry });
    expect(comesBack(given)).toBe(expected);
    const page = renderErrorPage(given);
    expect(page).toContain(`data-reload="${expected}"`);
    expect(/<script[^>]*retry\.[0-9a-f]+\.js/.test(page)).toBe(expected !== 'no');
    expect(/<noscript><meta http-equiv="refresh"/.test(page)).toBe(expected !== 'no');
  });

  test('offers the tool instead of the request where that cannot be repeated', () => {
    const page = renderErrorPage(failure('UPSTREAM_REFUSED', { retry: false }));
    expect(page).toContain('href="/grafana/">Open Grafana');
    expect(page).not.toContain('Try again</a>');
  });

  test('offers only the portal where nothing is mounted', () => {
    const page = renderErrorPage(failure('NO_MOUNT', { mount: null, portalPath: '/-/portal' }));
    expect(page).toContain('href="/-/portal">Go to the portal');
    expect(page).not.toContain('Try again</a>');
  });
});

test.each([
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['application/json', false],
  ['application/problem+json, */*', false],
  ['application/json, text/plain, */*', false],
  ['text/html', true],
  ['TEXT/HTML', true],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8', true],
  ['application/xhtml+xml', true],
  ['application/json, text/html;q=0.9', false],
  ['text/html, application/json;q=0.9', true],
  ['text/html, application/json', false],
  ['text/html;q=0', false],
  ['text/html;q=nonsense', false],
  ['image/webp,image/*;q=0.8', false],
])('Accept %p asks for a page: %p', (accept, expected) => {
  expect(prefersHtml(accept)).toBe(expected);
});
