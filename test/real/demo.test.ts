import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page, WebSocket } from 'playwright-core';
import type { HealthReport } from '../../src/app/endpoints';
import { startDemoTools, type DemoTools } from '../../src/demo/demo';
import { startTail } from '../../src/demo/tail';
import type { Tool } from '../../src/demo/tool-server';
import { openPage, startBrowser } from '../support/browser';
import { startGateway, temporaryFolder, type TestGateway } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { readAnswer } from './read-answer';

let browser: Browser;
let tools: DemoTools;
/** Stopped and started by the tests, always on the same port. */
let tail: Tool;
let gateway: TestGateway;
let origin: string;

beforeAll(async () => {
  browser = await startBrowser();
  tools = await startDemoTools();
  tail = tools.tail;
  gateway = await startGateway({
    portal: { title: 'Demo tools' },
    mounts: tools.mounts.map((mount) => ({ ...mount, health: { ...mount.health, interval: '100ms' } })),
  });
  origin = `https://localhost:${gateway.httpsPort}`;
  for (const { name } of tools.mounts) await gateway.line(({ msg }) => msg === `${name} is healthy`);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
  await tools.close();
  await tail.close();
});

const row = (page: Page, name: string) =>
  page.locator('.tool').filter({ has: page.getByRole('link', { name, exact: true }) });
const word = (page: Page, name: string, text: string) =>
  row(page, name).locator('[data-part=word]').filter({ hasText: text }).waitFor();
const isLive = (page: Page) => page.locator('#connection').filter({ hasText: 'Live' }).waitFor();

async function signIn(page: Page): Promise<void> {
  await page.goto(`${origin}/kpow/`);
  await page.waitForURL(`${origin}/kpow/login`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${origin}/kpow/`);
}

/** Marks the page, so that a reload can be told. */
const mark = (page: Page) => page.evaluate('window.mark = true');
const isMarked = (page: Page) => page.evaluate('window.mark === true');

async function health(): Promise<{ status: number; body: HealthReport }> {
  const request = 'GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const { status, body } = readAnswer(await exchangeRaw(gateway.httpsPort, request));
  return { status, body: JSON.parse(body) as HealthReport };
}

async function restartTail(): Promise<void> {
  tail = await startTail({ port: tail.port });
}

test('the portal shows every tool, each with its picture, state and link', async () => {
  const { page, trouble, origins, close } = await openPage(browser);
  const sockets: WebSocket[] = [];
  page.on('websocket', (socket) => sockets.push(socket));
  await page.goto(`${origin}/`);
  expect(await page.title()).toBe('Demo tools');
  for (const { name, path: mountPath, description } of tools.mounts) {
    await word(page, name, 'Well');
    expect(await row(page, name).getByText(description).isVisible()).toBe(true);
    expect(await row(page, name).getByRole('link').getAttribute('href')).toBe(`${mountPath}/`);
    const picture = row(page, name).locator('img');
    const width = picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
    expect(await width).toBeGreaterThan(0);
  }
  await page.getByText('All 3 tools are well').waitFor();
  await page.locator('[data-part=connection]').filter({ hasText: 'Live' }).waitFor();
  expect(sockets.map((socket) => socket.url())).toEqual([`wss://localhost:${gateway.httpsPort}/-/live`]);
  expect(trouble).toEqual([]);
  expect([...origins]).toEqual([origin]);
  await close();
});

test('kPow: one signs in, live numbers arrive over a websocket, every page renders, one signs out', async () => {
  const { page, trouble, origins, close } = await openPage(browser);
  const opened = page.waitForEvent('websocket');
  await signIn(page);
  const socket = await opened;
  expect(socket.url()).toBe(`wss://localhost:${gateway.httpsPort}/kpow/chsk`);
  for (let frames = 0; frames < 2; frames++) {
    const { payload } = await socket.waitForEvent('framereceived');
    expect(JSON.parse(String(payload))).toMatchObject({ type: 'snapshot' });
  }
  await isLive(page);
  const number = page.locator('[data-live=messagesPerSecond]').first();
  const before = await number.textContent();
  await number.filter({ hasNotText: before ?? '' }).waitFor();

  await page.getByRole('link', { name: 'Topics', exact: true }).click();
  await page.waitForURL(`${origin}/kpow/topics`);
  const topic = page.locator('tbody th a').first();
  const name = (await topic.textContent()) ?? '';
  await topic.click();
  await page.waitForURL(`${origin}/kpow/topics/${name}`);
  await isLive(page);
  await page.getByRole('link', { name: 'Consumer groups' }).click();
  await page.waitForURL(`${origin}/kpow/groups`);
  await page.getByRole('link', { name: 'Your request' }).click();
  await page.waitForURL(`${origin}/kpow/request`);
  const said = await page.locator('table').innerText();
  expect(said).toMatch(/X-Forwarded-Proto\s+https/);
  expect(said).toMatch(/X-Forwarded-Prefix\s+\/kpow/);
  expect(said).toMatch(new RegExp(`Host\\s+localhost:${gateway.httpsPort}`));

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${origin}/kpow/login`);
  await page.goto(`${origin}/kpow/topics`);
  expect(page.url()).toBe(`${origin}/kpow/login`);
  expect(trouble).toEqual([]);
  expect([...origins]).toEqual([origin]);
  await close();
});

test('the siblings render, a live log arrives as server-sent events, and sessions stay apart', async () => {
  const { page, trouble, origins, close } = await openPage(browser);
  await signIn(page);
  await page.goto(`${origin}/tail`);
  expect(page.url()).toBe(`${origin}/tail/`);
  await isLive(page);
  const last = await page.locator('#log li').last().innerText();
  await page.locator('#log li').last().filter({ hasNotText: last }).waitFor();
  await page.reload();
  await page.getByText('Page 2 of your session').waitFor();

  await page.goto(`${origin}/schemas`);
  await page.waitForURL(`${origin}/schemas/`);
  const subject = page.locator('tbody th a').first();
  const name = (await subject.textContent()) ?? '';
  await subject.click();
  await page.waitForURL(`${origin}/schemas/browse/${name}`);
  await page.getByText('Page 2 of your session').waitFor();

  const sessions = (await page.context().cookies()).filter((cookie) => cookie.name === 'JSESSIONID');
  expect(sessions.map((cookie) => cookie.path).sort()).toEqual(expect.arrayContaining(['/kpow', '/tail']));
  expect(sessions.find((cookie) => cookie.path === '/kpow')).toMatchObject({ secure: true, httpOnly: true });
  expect(new Set(sessions.map((cookie) => cookie.value)).size).toBe(sessions.length);
  await page.goto(`${origin}/kpow/`);
  expect(page.url()).toBe(`${origin}/kpow/`);
  await isLive(page);
  expect(trouble).toEqual([]);
  expect([...origins]).toEqual([origin]);
  await close();
});

test('when a tool is stopped and started, the portal shows it live and its failure page comes back by itself', async () => {
  const portal = await openPage(browser);
  const failed = await openPage(browser);
  await portal.page.goto(`${origin}/`);
  await portal.page.locator('[data-part=connection]').filter({ hasText: 'Live' }).waitFor();
  await mark(portal.page);

  await tail.close();
  await word(portal.page, 'Tail', 'No answer');
  await portal.page.getByText('2 of 3 tools are well').waitFor();
  expect(await portal.page.title()).toBe('(1) Demo tools');
  await row(portal.page, 'Tail').locator('[data-part=trouble]').waitFor();

  await failed.page.goto(`${origin}/tail/`);
  await failed.page.getByRole('heading', { name: 'Tail refused the connection' }).waitFor();
  await failed.page.getByText('This page reloads itself when Tail is back').waitFor();
  expect(await failed.page.content()).not.toContain(String(tail.port));

  await restartTail();
  await word(portal.page, 'Tail', 'Well');
  await portal.page.getByText('All 3 tools are well').waitFor();
  await row(portal.page, 'Tail').locator('[data-part=trouble]').waitFor({ state: 'hidden' });
  expect(await isMarked(portal.page)).toBe(true);
  await failed.page.getByRole('heading', { name: 'Live log' }).waitFor();
  await isLive(failed.page);

  expect(portal.trouble).toEqual([]);
  expect(failed.trouble.filter((each) => !/\b502\b/.test(each))).toEqual([]);
  await Promise.all([portal.close(), failed.close()]);
});

test('kPow in its ERROR state: portal and failure page say so and what helps, and see it back without a restart', async () => {
  const name = 'kPow (stand-in)';
  const helps = ['Restart kPow', 'STREAMS_ERROR_STRATEGY=LOG_AND_EXIT', 'liveness probe'];
  const [portal, open, failed] = [await openPage(browser), await openPage(browser), await openPage(browser)];
  await portal.page.goto(`${origin}/`);
  await word(portal.page, name, 'Well');
  await mark(portal.page);
  await signIn(open.page);
  await isLive(open.page);
  await mark(open.page);
  await signIn(failed.page);

  tools.kpow.setErrorState(true);
  await word(portal.page, name, 'ERROR state');
  for (const text of helps) await row(portal.page, name).getByText(text).waitFor();
  await open.page.locator('#connection').filter({ hasText: 'Connection lost' }).waitFor();
  await failed.page.goto(`${origin}/kpow/topics`);
  await failed.page.getByRole('heading', { name: `${name} is in its ERROR state` }).waitFor();
  for (const text of helps) await failed.page.getByText(text).waitFor();
  expect(await health()).toMatchObject({
    status: 503,
    body: {
      status: 'unhealthy',
      mounts: [{ path: '/kpow', state: 'unhealthy', reason: 'kpow-error-state' }, {}, {}],
    },
  });

  tools.kpow.setErrorState(false);
  await word(portal.page, name, 'Well');
  expect(await isMarked(portal.page)).toBe(true);
  await failed.page.getByRole('heading', { name: 'Topics' }).waitFor();
  expect(failed.page.url()).toBe(`${origin}/kpow/topics`);
  // The page that was open all the while picks its websocket up again.
  await isLive(open.page);
  expect(await isMarked(open.page)).toBe(true);

  expect(portal.trouble).toEqual([]);
  for (const { trouble } of [open, failed]) expect(trouble.filter((each) => !/\b503\b/.test(each))).toEqual([]);
  await Promise.all([portal.close(), open.close(), failed.close()]);
});

test('without JavaScript the portal shows the same, links work, and a failure page refreshes itself', async () => {
  const { page, trouble, close } = await openPage(browser, { javaScriptEnabled: false });
  await page.goto(`${origin}/`);
  for (const { name } of tools.mounts) await word(page, name, 'Well');
  await page.getByText('All 3 tools are well').waitFor();
  await page.getByRole('link', { name: 'Tail', exact: true }).click();
  await page.waitForURL(`${origin}/tail/`);
  await page.getByRole('heading', { name: 'Live log' }).waitFor();
  expect(trouble).toEqual([]);

  await tail.close();
  while ((await health()).body.mounts.find((mount) => mount.path === '/tail')?.state !== 'unreachable') await pause(20);
  await page.goto(`${origin}/`);
  await word(page, 'Tail', 'No answer');
  await page.goto(`${origin}/tail/`);
  await page.getByRole('heading', { name: 'Tail refused the connection' }).waitFor();
  expect(await page.locator('meta[http-equiv=refresh]').getAttribute('content')).toBe('15');
  await restartTail();
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Live log' }).waitFor();
  await close();
});

test('portal, failure page and tools have a light and a dark face', async () => {
  const folder = process.env['SCREENSHOTS'] ?? temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const backgrounds: Record<string, Set<string>> = { portal: new Set(), failure: new Set() };
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, close } = await openPage(browser, { colorScheme });
    for (const [name, address] of Object.entries({ portal: '/', failure: '/nothing-here' })) {
      await page.goto(origin + address);
      await page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`), fullPage: true });
      backgrounds[name]?.add(String(await page.evaluate('getComputedStyle(document.body).backgroundColor')));
    }
    await signIn(page);
    await isLive(page);
    await page.screenshot({ path: path.join(folder, `kpow-${colorScheme}.png`), fullPage: true });
    await close();
  }
  for (const seen of Object.values(backgrounds)) expect(seen.size).toBe(2);
});
