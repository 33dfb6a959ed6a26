import type { Browser } from 'playwright-core';
import { openPage, startBrowser, type WatchedPage } from '../support/browser';
import { startGateway, type TestGateway } from '../support/gateway';
import { httpUpstream, type Upstream } from '../support/upstreams';

/** What the tool is asked for. */
let asked: string[] = [];
let tool: Upstream;
let gateway: TestGateway;
let browser: Browser;
let watched: WatchedPage;
let origin: string;

beforeAll(async () => {
  tool = await httpUpstream((req, res) => {
    const { url = '' } = req;
    asked.push(url);
    if (url.endsWith('.js'))
      res.writeHead(200, { 'Content-Type': 'text/javascript', 'Service-Worker-Allowed': '/' }).end('self.x = 1');
    // A document that runs scripts and is not rewritten: nothing stands before `register` there.
    else res.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end('<svg xmlns="http://www.w3.org/2000/svg"/>');
  });
  gateway = await startGateway({
    listen: { http: { mode: 'serve' } },
    mounts: [
      { path: '/adopted', target: tool.url, prefix: 'adopt' },
      { path: '/stripped', target: tool.url },
      { path: '/kept', target: tool.url, prefix: 'keep' },
      { path: '/bare.js', target: tool.url, prefix: 'keep', trailingSlash: 'pass' },
    ],
  });
  origin = `http://127.0.0.1:${gateway.httpPort}`;
  browser = await startBrowser();
  watched = await openPage(browser);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
  await tool.close();
});

/** @returns the scope that the browser has given, or what it said instead */
async function register(page: string, script: string, scope?: string): Promise<string> {
  await watched.page.goto(`${origin}${page}`);
  const options = JSON.stringify(scope === undefined ? {} : { scope });
  return watched.page.evaluate<string>(
    `navigator.serviceWorker.register('${script}', ${options}).then(({ scope }) => scope, String)`,
  );
}

test('a page of an adopted tool cannot register a worker outside its mount', async () => {
  asked = [];
  expect(await register('/adopted/page.svg', '/sw.js')).toMatch(/SecurityError|TypeError/);
  expect(await register('/adopted/page.svg', '/sw.js', '/')).toMatch(/SecurityError|TypeError/);
  expect(asked.filter((url) => url.includes('sw.js'))).toEqual([]);
  // Other parts of the page come, so that this has not been all that kept it out.
  await watched.page.evaluate(`fetch('/part.js').then(() => null)`);
  expect(asked).toContain('/part.js');
});

test.each(['/adopted', '/stripped', '/kept'])('a worker of %s gets no more than the mount', async (mount) => {
  expect(await register(`${mount}/page.svg`, `${mount}/js/sw.js`, `${mount}/`)).toBe(`${origin}${mount}/`);
  for (const scope of ['/', '/adopte', '/strippe', '/kep', '/-/'])
    expect(await register(`${mount}/page.svg`, `${mount}/js/sw.js`, scope)).toMatch(/SecurityError/);
});

test('a worker’s script at the mount itself would have the whole site, and is refused', async () => {
  expect(await register('/kept/page.svg', '/bare.js')).toMatch(/TypeError.*403/);
  expect(await watched.page.evaluate(`fetch('/bare.js').then(({ status }) => status)`)).toBe(200);
});

test('no worker has the portal', async () => {
  await watched.page.goto(`${origin}/`);
  const scopes = await watched.page.evaluate<string[]>(
    `navigator.serviceWorker.getRegistrations().then((all) => all.map(({ scope }) => scope))`,
  );
  expect(scopes.map((scope) => scope.slice(origin.length)).sort()).toEqual(['/adopted/', '/kept/', '/stripped/']);
  expect(await watched.page.evaluate('navigator.serviceWorker.controller')).toBeNull();
});
