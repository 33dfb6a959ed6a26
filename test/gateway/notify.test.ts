import { startKpow, type KpowStandIn } from '../../src/demo/kpow';
import { selfSigned } from '../failure/support/certificates';
import { refusingPort } from '../support/free-ports';
import { startGateway, testConfig, type RawConfig, type RawMount, type TestGateway } from '../support/gateway';
import { startReceiver, type Receiver, type ReceiverOptions } from '../support/receiver';
import { recordingUpstream } from '../support/upstreams';

const secret = '/services/T0/B0/s3cr3t';
const token = 'Bearer t0k3n';

let kpow: KpowStandIn;
let endings: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  kpow = await startKpow({ port: 0, errorStateLasts: 0 });
});
afterEach(async () => {
  for (const end of endings.reverse()) await end();
  endings = [];
  await kpow.close();
});

const health = { interval: '20ms', timeout: '1s', unhealthyAfter: 1 };
const kpowMount = (): RawMount => ({
  name: 'kPow',
  path: '/kpow',
  target: `http://127.0.0.1:${kpow.port}`,
  health: '/healthy',
});

function configOf(webhook: object, mounts = [kpowMount()], link?: string): RawConfig {
  const webhooks = [{ after: '40ms', ...webhook }];
  return { mounts, health, notify: { webhooks, ...(link === undefined ? {} : { link }) } };
}

async function start(raw: RawConfig): Promise<TestGateway> {
  const gateway = await startGateway(raw);
  endings.push(() => gateway.stop());
  return gateway;
}

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const made = await startReceiver(options);
  endings.push(() => made.close());
  return made;
}

const textOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { text: string }).text;
const told = (line: Record<string, unknown>) => String(line['msg']).startsWith('Told ');

test('kPow in its ERROR state reaches somebody, once, with what to do; and so does its recovery', async () => {
  const slack = await receiver();
  const webhook = { url: slack.origin + secret, headers: { Authorization: token } };
  const gateway = await start(configOf(webhook, [kpowMount()], 'https://tools.example.com'));
  kpow.setErrorState(true);

  const trouble = await slack.arrived(1);
  expect([trouble.method, trouble.url]).toEqual(['POST', secret]);
  expect(trouble.headers).toMatchObject({ 'content-type': 'application/json', authorization: token });
  expect(textOf(trouble)).toMatch(/^🔴 \*kPow: ERROR state\*, since .* UTC \(.*\)\n.*ERROR state.*\n• Restart kPow:/);
  expect(textOf(trouble)).toMatch(/Gateway \S+ · https:\/\/tools\.example\.com\/$/);

  kpow.setErrorState(false);
  expect(textOf(await slack.arrived(2))).toMatch(/^🟢 \*kPow is well again after /);
  await gateway.stop();
  expect(slack.received).toHaveLength(2);
  expect(gateway.lines.filter(told)).toHaveLength(2);
});

test('a tool that is down from the start is told too', async () => {
  const hook = await receiver();
  const down = { name: 'Grafana', path: '/grafana', target: `http://127.0.0.1:${await refusingPort()}`, health: '/' };
  await start(configOf({ url: hook.origin, format: 'json' }, [down]));
  expect(JSON.parse((await hook.arrived(1)).body)).toMatchObject({
    link: null,
    events: [{ event: 'trouble', path: '/grafana', state: 'unreachable', detail: 'Grafana refuses the connection.' }],
  });
});

test('flapping tells nobody', async () => {
  const hook = await receiver();
  // Every second answer is bad: each state lasts one probe, and has to last for far more.
  let asked = 0;
  const flaps = 12;
  let enough: () => void = () => undefined;
  const flapped = new Promise<void>((resolve) => (enough = resolve));
  const flapping = await recordingUpstream((_, res) => {
    asked += 1;
    res.writeHead(asked % 2 === 0 ? 503 : 200).end();
    if (asked === flaps) enough();
  });
  endings.push(() => flapping.close());
  const mount = { name: 'Tool', path: '/tool', target: flapping.url, health: '/' };
  const gateway = await start(configOf({ url: hook.origin, after: '10s' }, [mount]));
  await flapped;
  await gateway.stop();
  expect(gateway.lines.filter(({ msg }) => msg === 'Tool answers 503 at its health path').length).toBeGreaterThan(3);
  expect(hook.received).toEqual([]);
});

test('only the mounts that a webhook names are told to it', async () => {
  const [kpows, others] = [await receiver(), await receiver()];
  const down = { path: '/other', target: `http://127.0.0.1:${await refusingPort()}`, health: '/' };
  kpow.setErrorState(true);
  const gateway = await start({
    mounts: [kpowMount(), down],
    health,
    notify: {
      webhooks: [
        { url: kpows.origin, after: '40ms', mounts: ['/kpow'], format: 'json' },
        { url: others.origin, after: '40ms', states: ['unreachable'], format: 'json' },
      ],
    },
  });
  await Promise.all([kpows.arrived(1), others.arrived(1)]);
  await gateway.stop();
  const paths = ({ received }: Receiver) =>
    received.flatMap(({ body }) => (JSON.parse(body) as { events: { path: string }[] }).events.map(({ path }) => path));
  expect([paths(kpows), paths(others)]).toEqual([['/kpow'], ['/other']]);
});

test('forty tools that go at once are told in a few messages, each tool once', async () => {
  const hook = await receiver();
  const port = await refusingPort();
  const mounts = Array.from({ length: 40 }, (_, i) => ({
    path: `/tool-${i}`,
    target: `http://127.0.0.1:${port}`,
    health: '/',
  }));
  // The wait is long against the time that 40 probes take.
  await start(configOf({ url: hook.origin, format: 'json', after: '1s' }, mounts));
  const events = () => hook.received.flatMap(({ body }) => (JSON.parse(body) as { events: { path: string }[] }).events);
  for (let count = 1; events().length < 40; count += 1) await hook.arrived(count);
  expect(new Set(events().map(({ path }) => path)).size).toBe(40);
  expect(events()).toHaveLength(40);
  expect(hook.received.length).toBeLessThanOrEqual(6);
  const gaps = hook.received.slice(1).map(({ at }, i) => at - hook.received[i]!.at);
  expect(Math.min(...gaps)).toBeGreaterThan(900);
});

test('a reminder comes while the trouble lasts', async () => {
  const hook = await receiver();
  kpow.setErrorState(true);
  await start(configOf({ url: hook.origin, repeat: '1s' }));
  await hook.arrived(1);
  expect(textOf(await hook.arrived(2))).toMatch(/^🔴 \*kPow: ERROR state \(reminder\)\*/);
});

describe('a receiver that', () => {
  test('is down hears of it when it is up again, once', async () => {
    const port = await refusingPort();
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: `http://127.0.0.1:${port}${secret}` }));
    const line = await gateway.line(({ msg }) => String(msg).includes('could not be told'));
    expect(line).toMatchObject({ level: 'warn', webhook: `http://127.0.0.1:${port}`, mounts: ['/kpow'], attempts: 1 });
    expect(line['msg']).toMatch(/could not be told: no connection \(ECONNREFUSED\)\. It is tried again/);
    const hook = await receiver({ port });
    expect(textOf(await hook.arrived(1))).toContain('ERROR state');
    expect(await gateway.line(told)).toMatchObject({ mounts: ['/kpow'] });
    await gateway.stop();
    expect(hook.received).toHaveLength(1);
  });

  test('asks for patience is not asked again sooner, and then told what is so by then', async () => {
    const hook = await receiver({
      answer: (_, res) => {
        if (hook.received.length > 1) res.end();
        else res.writeHead(429, { 'Retry-After': '2' }).end();
      },
    });
    kpow.setErrorState(true);
    await start(configOf({ url: hook.origin }));
    const first = await hook.arrived(1);
    expect(textOf(first)).toContain('ERROR state');
    await kpow.close();
    const second = await hook.arrived(2);
    expect(second.at - first.at).toBeGreaterThan(1_950);
    expect(textOf(second)).toContain('*kPow: No answer*');
  });

  test('has trouble of its own is asked again', async () => {
    const hook = await receiver({ answer: (_, res) => res.writeHead(hook.received.length > 1 ? 204 : 500).end() });
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin }));
    await hook.arrived(2);
    expect(await gateway.line(told)).toMatchObject({ attempts: 2 });
  });

  test.each([
    [404, {}, /answered 404\. The receiver knows no such webhook/],
    [307, { Location: '/elsewhere' }, /answered 307\. Redirects are not followed/],
  ])('answers %i is not asked again, and the log says what to do', async (status, fields, advice) => {
    const hook = await receiver({ answer: (_, res) => res.writeHead(status, fields).end() });
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin + secret }));
    const line = await gateway.line(({ msg }) => String(msg).includes('It was not told: kPow: ERROR state'));
    expect(line).toMatchObject({ level: 'error', msg: expect.stringMatching(advice) });
    await gateway.stop();
    expect(hook.received).toHaveLength(1);
  });

  test('hangs is given up after the timeout', async () => {
    const hook = await receiver({ answer: () => undefined });
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin, timeout: '50ms' }));
    await gateway.line(({ msg }) => String(msg).includes('could not be told: no answer within timeout (50 ms)'));
    // It may have got the message, so it is told again, and nothing stays open.
    await hook.arrived(2);
    expect(hook.sockets.size).toBeLessThanOrEqual(1);
  });

  test('hangs does not hold the end of the gateway', async () => {
    const hook = await receiver({ answer: () => undefined });
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin, timeout: '5m' }));
    await hook.arrived(1);
    await gateway.stop();
    expect(await gateway.line(({ msg }) => String(msg).includes('The gateway tries no more'))).toMatchObject({
      level: 'warn',
    });
  });

  test('answers without an end is taken at its word', async () => {
    const hook = await receiver({
      answer: (_, res) => {
        const more = () => {
          while (!res.destroyed && res.write(Buffer.alloc(16 * 1024)));
        };
        res.writeHead(200).on('drain', more);
        more();
      },
    });
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin }));
    await gateway.line(told);
    const [socket] = hook.sockets;
    if (socket) await new Promise((resolve) => socket.once('close', resolve));
    await gateway.stop();
    expect(hook.received).toHaveLength(1);
  });

  test('has a certificate of a private authority is trusted by its ca, and not without', async () => {
    const pair = await selfSigned('localhost');
    const hook = await receiver({ tls: pair });
    kpow.setErrorState(true);
    const without = await start(configOf({ url: hook.origin }));
    await without.line(({ msg }) => /could not be told: its certificate is not trusted.*SELF_SIGNED/.test(String(msg)));
    expect(hook.received).toEqual([]);
    await start(configOf({ url: hook.origin, ca: pair.files.cert }));
    expect(textOf(await hook.arrived(1))).toContain('ERROR state');
  });
});

test('a template is what is sent', async () => {
  const hook = await receiver();
  kpow.setErrorState(true);
  const template = 'who={{name}}&what={{summary}}&do={{action}}';
  await start(configOf({ url: hook.origin, template, contentType: 'application/x-www-form-urlencoded' }));
  const { headers, body } = await hook.arrived(1);
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    who: 'kPow',
    what: 'kPow: ERROR state',
    do: 'trigger',
  });
});

describe('at the end of the gateway', () => {
  test('what is due and was put off is told', async () => {
    const port = await refusingPort();
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: `http://127.0.0.1:${port}` }));
    await gateway.line(({ msg }) => String(msg).includes('could not be told'));
    const hook = await receiver({ port });
    await gateway.stop();
    expect(hook.received).toHaveLength(1);
  });

  test('what has not lasted is not', async () => {
    const hook = await receiver();
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin, after: '1h' }));
    await gateway.line(({ mount, state }) => mount === '/kpow' && state === 'unhealthy');
    await gateway.stop();
    expect(hook.received).toEqual([]);
  });
});

describe('a reload', () => {
  const reload = (gateway: TestGateway, raw: RawConfig) => gateway.gateway.reload(testConfig(raw));

  test('tells nothing twice, and the recovery still comes', async () => {
    const hook = await receiver();
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin }));
    await gateway.line(told);
    await reload(gateway, configOf({ url: hook.origin, format: 'json' }));
    kpow.setErrorState(false);
    expect(JSON.parse((await hook.arrived(2)).body)).toMatchObject({ events: [{ event: 'recovery', name: 'kPow' }] });
  });

  test('lets a new webhook hear of what is wrong, and an old one fall silent', async () => {
    const [before, after] = [await receiver(), await receiver()];
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: before.origin }));
    await before.arrived(1);
    await reload(gateway, configOf({ url: after.origin }));
    expect(textOf(await after.arrived(1))).toContain('ERROR state');
    kpow.setErrorState(false);
    await after.arrived(2);
    expect(before.received).toHaveLength(1);
  });

  test('with settings that mend what was refused tells it', async () => {
    const hook = await receiver({
      answer: (req, res) => res.writeHead(req.headers.authorization === token ? 200 : 401).end(),
    });
    kpow.setErrorState(true);
    const gateway = await start(configOf({ url: hook.origin }));
    await gateway.line(({ msg }) => String(msg).includes('answered 401'));
    await reload(gateway, configOf({ url: hook.origin, headers: { Authorization: token } }));
    expect(await gateway.line(told)).toMatchObject({ mounts: ['/kpow'] });
    expect(hook.received).toHaveLength(2);
  });
});

test('no secret reaches the log, whatever goes wrong', async () => {
  const answers = [500, 429, 403];
  const hook = await receiver({ answer: (_, res) => res.writeHead(answers.shift() ?? 200).end('t0k3n s3cr3t') });
  kpow.setErrorState(true);
  const url = `${hook.origin.replace('//', '//user:s3cr3t@')}${secret}?token=s3cr3t`;
  const refused = `http://127.0.0.1:${await refusingPort()}${secret}`;
  const webhooks = [url, refused].map((each) => ({ url: each, after: '10ms', headers: { 'X-Token': 't0k3n' } }));
  const gateway = await start({ mounts: [kpowMount()], health, notify: { webhooks } });
  await gateway.line(({ msg }) => String(msg).includes('answered 403'));
  kpow.setErrorState(false);
  await hook.arrived(3);
  await gateway.stop();
  expect(hook.received[0]).toMatchObject({ url: `${secret}?token=s3cr3t`, headers: { 'x-token': 't0k3n' } });
  expect(JSON.stringify(gateway.lines)).not.toMatch(/s3cr3t|t0k3n/);
});
