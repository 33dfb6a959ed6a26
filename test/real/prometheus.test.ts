import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser';
import { startGateway, type TestGateway } from '../support/gateway';
import { freePorts } from '../support/free-ports';
import { type Program } from '../support/program';
import { startPrometheus } from '../support/prometheus';
import { exchangeRaw } from '../support/raw-client';
import { field, readAnswer } from './read-answer';

/** Debian's build brings a popper.js that is a module but is not loaded as one; see the last test. */
const ownFaults = new Set([
  "script: Unexpected token 'export'",
  "script: Bootstrap's tooltips require Popper (https://popper.js.org)",
]);

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe.each([
  ['--web.external-url carries the path, and the mount keeps it', 'keep', undefined],
  ['--web.route-prefix=/, and the mount strips the path', 'strip', '/'],
] as const)('Prometheus at /prometheus: %s', (_, prefix, routePrefix) => {
  let gateway: TestGateway;
  let prometheus: Program;
  let origin: string;
  let port: number;

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    gateway = await startGateway({
      mounts: [
        {
          name: 'Prometheus',
          path: '/prometheus',
          target: `http://127.0.0.1:${port}`,
          prefix,
          health: { path: prefix === 'keep' ? '/prometheus/-/healthy' : '/-/healthy', interval: '50ms' },
        },
      ],
    });
    origin = `https://localhost:${gateway.httpsPort}`;
    const externalUrl = `${origin}/prometheus`;
    prometheus = await startPrometheus({ port, externalUrl, ...(routePrefix === undefined ? {} : { routePrefix }) });
    await gateway.line(({ msg }) => String(msg).includes('Prometheus is healthy'));
  });
  afterAll(async () => {
    await gateway.stop();
    await prometheus.stop();
  });

  async function ask(target: string, { method = 'GET', fields = [], body = '' }: AskOptions = {}) {
    const head = [
      `${method} ${target} HTTP/1.1`,
      `Host: localhost:${gateway.httpsPort}`,
      'Connection: close',
      ...fields,
    ];
    return readAnswer(await exchangeRaw(gateway.httpsPort, [...head, '', body].join('\r\n')));
  }
  interface AskOptions {
    readonly method?: string;
    readonly fields?: readonly string[];
    readonly body?: string;
  }
  /** Follows redirects as a browser would, and returns where they end. */
  async function follow(target: string): Promise<{ url: string; status: number; body: string }> {
    let url = new URL(target, origin);
    for (let hops = 0; hops < 5; hops++) {
      const answer = await ask(url.pathname + url.search);
      const location = field(answer, 'location');
      if (location === null) return { url: url.href, status: answer.status, body: answer.body };
      url = new URL(location, url);
      expect(url.href).toMatch(`${origin}/prometheus/`);
    }
    throw new Error(`${target} is redirected again and again`);
  }

  test('the API answers queries by GET and by POST', async () => {
    const got = await ask('/prometheus/api/v1/query?query=up%7Bjob%3D%22self%22%7D');
    expect(got.status).toBe(200);
    expect(JSON.parse(got.body)).toMatchObject({
      status: 'success',
      data: { result: [{ metric: { job: 'self' }, value: [expect.any(Number), '1'] }] },
    });
    const body = 'query=up%7Bjob%3D%22self%22%7D';
    const fields = ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`];
    const posted = await ask('/prometheus/api/v1/query', { method: 'POST', fields, body });
    expect(JSON.parse(posted.body)).toMatchObject({
      status: 'success',
      data: { result: [{ metric: { job: 'self' } }] },
    });
  });

  test('its own errors come through with status and body', async () => {
    const answer = await ask('/prometheus/api/v1/query?query=%7B');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 'error', errorType: 'bad_data' });
  });

  test.each(['/prometheus', '/prometheus/'])('%s leads to its start page', async (path) => {
    const page = await follow(path);
    expect(page).toMatchObject({ url: `${origin}/prometheus/classic/graph`, status: 200 });
    expect(page.body).toContain('Prometheus Time Series');
  });

  test('a redirect that its router makes by itself stays under the path', async () => {
    const answer = await ask('/prometheus/graph');
    expect(answer.status).toBe(301);
    expect(new URL(field(answer, 'location') ?? '', origin).href).toBe(`${origin}/prometheus/graph/`);
  });

  test('static files come with type, ranges and conditions', async () => {
    const file = '/prometheus/classic/static/css/prometheus.css';
    const whole = await ask(file);
    expect([whole.status, field(whole, 'content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(whole.body.length).toBe(Number(field(whole, 'content-length')));
    const part = await ask(file, { fields: ['Range: bytes=5-14'] });
    expect([part.status, part.body]).toEqual([206, whole.body.slice(5, 15)]);
    const modified = field(whole, 'last-modified') ?? '';
    const unchanged = await ask(file, { fields: [`If-Modified-Since: ${modified}`] });
    expect([unchanged.status, unchanged.body]).toEqual([304, '']);
  });

  test('a compressed answer stays compressed', async () => {
    const answer = await ask('/prometheus/metrics', { fields: ['Accept-Encoding: gzip'] });
    expect([answer.status, field(answer, 'content-encoding')]).toEqual([200, 'gzip']);
    expect(answer.body.startsWith('\x1f\x8b')).toBe(true);
  });

  test('its probes and the gateway’s keep apart', async () => {
    expect((await ask('/prometheus/-/healthy')).body).toContain('Prometheus Server is Healthy');
    expect(JSON.parse((await ask('/-/healthy')).body)).toMatchObject({
      mounts: [{ path: '/prometheus', state: 'healthy' }],
    });
  });

  test('in a browser every view renders under the path, a query shows data, and no request fails', async () => {
    const { page, trouble, origins, close } = await openPage(browser);
    await page.goto(`${origin}/`);
    await page.getByRole('link', { name: 'Prometheus' }).click();
    await page.waitForURL(`${origin}/prometheus/classic/graph`);
    expect(await page.title()).toContain('Prometheus');

    for (const [item, path, heading] of [
      ['Runtime & Build Information', 'status', 'Runtime Information'],
      ['Command-Line Flags', 'flags', 'Command-Line Flags'],
      ['Configuration', 'config', 'Configuration'],
      ['Rules', 'rules', 'Rules'],
      ['Targets', 'targets', 'Targets'],
      ['Service Discovery', 'service-discovery', 'Service Discovery'],
    ] as const) {
      await page.getByRole('button', { name: 'Status' }).click();
      await page.getByRole('link', { name: item, exact: true }).click();
      await page.waitForURL(`${origin}/prometheus/classic/${path}`);
      await page.getByRole('heading', { name: heading }).first().waitFor();
    }
    await page.getByRole('link', { name: 'Alerts' }).click();
    await page.waitForURL(`${origin}/prometheus/classic/alerts`);
    await page.goBack();
    await page.waitForURL(`${origin}/prometheus/classic/service-discovery`);

    await page.getByRole('link', { name: 'Graph' }).click();
    await page.waitForURL(`${origin}/prometheus/classic/graph`);
    await page.locator('textarea[name=expr]').fill('up{job="self"}');
    await page.locator('.execute_btn').click();
    const row = page.locator('.console_table tr', { hasText: 'job="self"' });
    await row.waitFor();
    expect((await row.locator('td').last().textContent())?.trim()).toBe('1');

    expect(trouble.filter((each) => !ownFaults.has(each))).toEqual([]);
    expect([...origins]).toEqual([origin]);
    await close();
  });

  // With --web.route-prefix=/ its pages cannot be seen without a gateway: their links carry the path.
  if (prefix === 'keep') {
    test('what is wrong with its scripts is wrong without the gateway too', async () => {
      const [through, direct] = [await openPage(browser), await openPage(browser)];
      await through.page.goto(`${origin}/prometheus/classic/targets`);
      await direct.page.goto(`http://127.0.0.1:${port}/prometheus/classic/targets`);
      for (const { trouble } of [through, direct]) {
        while (new Set(trouble).size < ownFaults.size) await pause(20);
        expect(new Set(trouble)).toEqual(ownFaults);
      }
      await Promise.all([through.close(), direct.close()]);
    });
  }
});
