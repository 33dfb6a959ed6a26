import type { Browser } from 'playwright-core';
import { startDemoTools, type DemoTools } from '../../src/demo/demo';
import { openPage, startBrowser } from '../support/browser';
import { startGateway, type TestGateway } from '../support/gateway';
import { httpUpstream, type Upstream } from '../support/upstreams';

let browser: Browser;
let tools: DemoTools;
let rooted: Upstream;
let inner: TestGateway;
let front: TestGateway;
/** Where people find the inner gateway: a gateway in front of it takes /tools off, and says so. */
let place: string;

beforeAll(async () => {
  browser = await startBrowser();
  tools = await startDemoTools();
  rooted = await httpUpstream((req, res) => {
    if (req.url === '/app.js')
      res.setHeader('Content-Type', 'text/javascript').end('fetch("/api").then(() => (document.title = "asked"))');
    else if (req.url === '/api') res.end('{}');
    else if (req.url === '/') res.writeHead(302, { Location: '/page' }).end();
    else
      res
        .setHeader('Content-Type', 'text/html')
        .end('<!doctype html><link rel="icon" href="data:,"><title>x</title><script src="/app.js"></script>');
  });
  inner = await startGateway({
    listen: { http: { mode: 'serve' } },
    trustedProxies: ['loopback'],
    mounts: [
      ...tools.mounts.map((mount) => ({ ...mount, health: { ...mount.health, interval: '100ms' } })),
      { name: 'Rooted', path: '/rooted', target: rooted.url, prefix: 'adopt' },
    ],
  });
  front = await startGateway({
    mounts: [{ name: 'Tools', path: '/tools', target: `http://127.0.0.1:${inner.httpPort}` }],
  });
  place = `https://localhost:${front.httpsPort}/tools`;
});
afterAll(async () => {
  await browser.close();
  await front.stop();
  await inner.stop();
  await tools.close();
  await tools.tail.close();
  await rooted.close();
});

test('the portal is live there, and its links lead to the tools', async () => {
  const { page, trouble, close } = await openPage(browser);
  const opened = page.waitForEvent('websocket');
  await page.goto(`${place}/`);
  expect((await opened).url()).toBe(`${place.replace('https:', 'wss:')}/-/live`);
  await page.locator('[data-part=connection]').filter({ hasText: 'Live' }).waitFor();
  await page.getByRole('link', { name: 'Rooted', exact: true }).click();
  await page.waitForURL(`${place}/rooted/page`);
  await page.waitForFunction('document.title === "asked"');
  expect(trouble).toEqual([]);
  await close();
});

test('one signs in at kPow there, and its websocket opens', async () => {
  const { page, trouble, close } = await openPage(browser);
  const opened = page.waitForEvent('websocket');
  await page.goto(`${place}/kpow/`);
  await page.waitForURL(`${place}/kpow/login`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${place}/kpow/`);
  expect((await opened).url()).toBe(`${place.replace('https:', 'wss:')}/kpow/chsk`);
  await page.locator('#connection').filter({ hasText: 'Live' }).waitFor();
  const cookies = await page.context().cookies();
  expect(cookies.map(({ path }) => path)).toEqual(['/tools/kpow']);
  expect(trouble).toEqual([]);
  await close();
});
