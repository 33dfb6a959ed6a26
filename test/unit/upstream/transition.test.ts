import type { ProbeResult } from '../../../src/upstream/probe';
import { SPEAKS_TLS, type ProbeFailure } from '../../../src/upstream/probe-failure';
import { initialHealth, transition, type Health } from '../../../src/upstream/transition';

const answered = (status: number, kpowError = false): ProbeResult => ({
  outcome: 'answered',
  status,
  latency: 3,
  kpowError,
});
const failed = (
  reason: ProbeFailure['reason'],
  code: string | null = null,
  phase: ProbeFailure['phase'] = 'connect',
): ProbeResult => ({ outcome: 'failed', reason, code, phase });

const ok = answered(200);
const config = { healthyAfter: 2, unhealthyAfter: 3, timeout: 5_000 };

/** The healths after each result; the results come at second 1, 2, 3 ... */
function run(results: ProbeResult[], thresholds = config): Health[] {
  let health = initialHealth(true, new Date(0));
  return results.map((result, i) => (health = transition(health, result, thresholds, new Date((i + 1) * 1_000))));
}

const states = (results: ProbeResult[]) => run(results).map(({ status }) => status.state);
const last = (results: ProbeResult[]) => run(results).at(-1)!.status;

describe('thresholds', () => {
  it.each<[string, ProbeResult[], string[]]>([
    ['the first good result decides', [ok], ['healthy']],
    ['the first bad answer decides', [answered(503)], ['unhealthy']],
    ['the first failure decides', [failed('refused')], ['unreachable']],
    [
      'three bad results in a row end healthy',
      [ok, answered(503), failed('timeout'), answered(503)],
      ['healthy', 'healthy', 'healthy', 'unhealthy'],
    ],
    [
      'a good one in between starts the count again',
      [ok, answered(503), answered(503), ok, answered(503), answered(503)],
      ['healthy', 'healthy', 'healthy', 'healthy', 'healthy', 'healthy'],
    ],
    ['two good results in a row bring it back', [answered(503), ok, ok], ['unhealthy', 'unhealthy', 'healthy']],
    [
      'a bad one in between starts that count again',
      [answered(503), ok, answered(503), ok, ok],
      ['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy', 'healthy'],
    ],
    [
      'what is wrong is always the newest',
      [answered(503), failed('refused'), answered(404)],
      ['unhealthy', 'unreachable', 'unhealthy'],
    ],
  ])('%s', (_, results, expected) => expect(states(results)).toEqual(expected));
});

describe('a request has failed', () => {
  const after = (result: ProbeResult, suspected: boolean) => {
    const [well] = run([ok]);
    return transition(well!, result, config, new Date(9_000), suspected).status.state;
  };

  it.each<[string, ProbeResult, boolean, string]>([
    ['kPow’s ERROR state is certain at once', answered(503, true), true, 'unhealthy'],
    ['without, it takes as many probes as other trouble', answered(503, true), false, 'healthy'],
    ['other trouble takes as many as ever', answered(503), true, 'healthy'],
    ['so does no answer', failed('refused'), true, 'healthy'],
  ])('%s', (_, result, suspected, expected) => expect(after(result, suspected)).toBe(expected));
});

describe('since', () => {
  it.each<[string, ProbeResult[], number]>([
    ['is the time of the first result', [ok], 1],
    ['stays while the state stays', [ok, ok, ok], 1],
    ['stays while it is not yet decided', [ok, answered(503), answered(503)], 1],
    ['is the time of the result that decided', [ok, answered(503), answered(503), answered(503)], 4],
    ['stays when another error status is answered', [answered(503), answered(500), answered(404)], 1],
    ['changes between unhealthy and unreachable', [answered(503), failed('refused')], 2],
    ['changes when kPow’s ERROR state is entered', [answered(503), answered(503, true)], 2],
    ['changes when kPow’s ERROR state is left', [answered(503, true), answered(503)], 2],
  ])('%s', (_, results, second) => expect(last(results).since).toEqual(new Date(second * 1_000)));
});

it('every result counts as a check, with the latency of its answer', () => {
  expect(last([ok, ok])).toMatchObject({ latency: 3, checkedAt: new Date(2_000) });
  expect(last([ok, failed('refused')])).toMatchObject({ state: 'healthy', latency: null, checkedAt: new Date(2_000) });
});

it('before the first result it says that there is none', () => {
  expect(initialHealth(true, new Date(0)).status).toMatchObject({
    state: 'unknown',
    detail: 'has not been checked yet',
  });
  expect(initialHealth(false, new Date(0)).status).toMatchObject({ state: 'unchecked', detail: 'is not checked' });
});

describe('the diagnosis', () => {
  it.each<[ProbeResult, string, string | RegExp, RegExp]>([
    [answered(503), 'answered-5xx', 'answers 503 at its health path', /log of the tool/],
    [answered(404), 'answered-other', 'answers 404 at its health path', /without the mount’s prefix/],
    [answered(302), 'answered-other', 'answers 302 at its health path', /want a login/],
    [answered(401), 'answered-other', 'answers 401 at its health path', /want a login/],
    [answered(405), 'answered-other', 'answers 405 at its health path', /answers 200 to a plain GET/],
    [answered(503, true), 'kpow-error-state', /ERROR state/, /Restart kPow/],
    [failed('refused', 'ECONNREFUSED'), 'refused', 'refuses the connection', /is running/],
    [failed('refused', 'EHOSTUNREACH'), 'refused', 'cannot be reached over the network (EHOSTUNREACH)', /network/],
    [failed('refused', 'EMFILE'), 'refused', /no free socket/, /ulimit/],
    [failed('unknown-host', 'ENOTFOUND'), 'unknown-host', /host name is not known/, /`target`/],
    [failed('unknown-host', 'EAI_AGAIN'), 'unknown-host', /looking up its host name failed/, /DNS/],
    [failed('timeout'), 'timeout', 'did not accept the connection within 5 s', /firewall/],
    [failed('timeout', null, 'answer'), 'timeout', 'did not answer at its health path within 5 s', /health\.timeout/],
    [failed('tls', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', /DEPTH_ZERO_SELF_SIGNED_CERT/, /`tls\.ca`|tls\.ca/],
    [failed('tls', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'tls', /trusted/, /write http:\/\//],
    [failed('tls', 'CERT_HAS_EXPIRED'), 'tls', /trusted/, /Renew/],
    [failed('tls', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', /trusted/, /another name/],
    [failed('closed', SPEAKS_TLS), 'closed', /speaks TLS/, /write https:\/\/|Write https:\/\//],
    [failed('closed', 'HPE_INVALID_CONSTANT'), 'closed', 'answers something that is not HTTP', /port/],
    [failed('closed', 'ECONNRESET'), 'closed', /closed the connection/, /log of the tool/],
  ])('of %j is %s', (result, reason, detail, advice) => {
    const status = last([result]);
    expect(status.reason).toBe(reason);
    expect(status.detail).toMatch(detail);
    expect(status.advice.join(' ')).toMatch(advice);
  });

  it('of a healthy tool has nothing to advise', () => {
    expect(last([ok])).toMatchObject({ reason: null, detail: 'is healthy', advice: [] });
  });
});
