import { accessEntry, accessLevel, logAccess, type AccessRecord } from '../../../src/observe/access-log';
import { createLog } from '../../../src/observe/log';
import { ProxyError } from '../../../src/upstream/proxy-error';

const exchange: AccessRecord = {
  id: 'a1b2',
  mount: '/kpow',
  method: 'GET',
  url: '/kpow/topics?token=SECRET',
  status: 200,
  bytes: 1234,
  durationMs: 12.3456,
  upstreamMs: 10.04,
  client: '192.0.2.1',
  failure: null,
};
const place = { way: 'app', trace: null } as const;

it('a line has what is known of the request, without values of its query', () => {
  expect(accessEntry(exchange, place)).toEqual({
    id: 'a1b2',
    mount: '/kpow',
    method: 'GET',
    path: '/kpow/topics?token=*',
    status: 200,
    bytes: 1234,
    durationMs: 12.3,
    upstreamMs: 10,
    client: '192.0.2.1',
    code: null,
    way: 'app',
  });
});

it.each<[string, Partial<AccessRecord>, string]>([
  ['an answer', {}, 'info'],
  ['a tool’s own 404', { status: 404 }, 'info'],
  ['a tool’s own 500', { status: 500 }, 'warn'],
  ['a refused connection', { status: 502, failure: new ProxyError('UPSTREAM_REFUSED', 'kPow') }, 'warn'],
  ['a client that left', { status: 499, failure: new ProxyError('CLIENT_CLOSED') }, 'info'],
  ['no such mount', { status: 404, failure: new ProxyError('NO_MOUNT') }, 'info'],
  ['a failure of the gateway', { status: 500, failure: new ProxyError('INTERNAL') }, 'error'],
])('%s is logged at its level', (_, more, level) => expect(accessLevel({ ...exchange, ...more })).toBe(level));

describe('written', () => {
  function written(more: Partial<AccessRecord>, format: 'json' | 'pretty') {
    const lines: string[] = [];
    const log = createLog({ level: 'info', format, access: true }, { write: (line: string) => void lines.push(line) });
    logAccess(log, { ...exchange, ...more }, place);
    expect(lines).toHaveLength(1);
    return lines[0]!;
  }

  it('it is one JSON line with a message for people', () => {
    const failure = new ProxyError('UPSTREAM_REFUSED', 'kPow');
    expect(JSON.parse(written({ status: 502, failure }, 'json'))).toMatchObject({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: 'GET /kpow/topics?token=* 502 UPSTREAM_REFUSED',
      status: 502,
      code: 'UPSTREAM_REFUSED',
    });
  });

  it('for a terminal it says nothing twice', () => {
    const line = written({}, 'pretty');
    expect(line).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: GET \/kpow\/topics\?token=\* 200 \{.*"durationMs":12\.3.*\}\n$/,
    );
    expect(line).not.toContain('"path"');
  });

  it.each(['json', 'pretty'] as const)('hostile text stays on its line and moves no cursor (%s)', (format) => {
    const evil = '\u001b[2J\u009b2J\r\n\u2028\u202e{"level":"fatal"}';
    const line = written({ id: evil, method: evil, url: `/${evil}`, client: evil }, format);
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
  });

  it('text without end is cut', () => {
    const endless = 'x'.repeat(1_000_000);
    expect(written({ id: endless, method: endless, url: endless, client: endless }, 'json').length).toBeLessThan(3_000);
  });
});
