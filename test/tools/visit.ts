import type { Browser, Page } from 'playwright-core';

/** What one run of a task came to. */
export interface Visited {
  readonly requests: number;
  /** URLs of this site that a page asked for outside its prefix. */
  readonly left: readonly string[];
  /** Errors in the console and uncaught ones, the prefix taken out, so that those of the root can be told apart. */
  readonly errors: readonly string[];
  /** Websockets over which something came. */
  readonly websockets: number;
  readonly shots: ReadonlyMap<string, Buffer>;
}

/** A browser's visit to a tool, by a person who does their work there. */
export interface Visit {
  readonly page: Page;
  /** Where the tool is, without a slash at the end. */
  readonly base: string;
  /** Opens a path of the tool, as somebody would by its address. */
  readonly open: (path: string) => Promise<void>;
  /** @param mask selectors of what is another every time: times, ids, sizes */
  readonly shot: (name: string, ...mask: readonly string[]) => Promise<void>;
}

export type Task = (visit: Visit) => Promise<void>;

/** @param prefix '' for the root */
export async function runTask(browser: Browser, origin: string, prefix: string, task: Task): Promise<Visited> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(15_000);
  const left: string[] = [];
  const errors: string[] = [];
  const shots = new Map<string, Buffer>();
  let requests = 0;
  let websockets = 0;
  const plain = (text: string) =>
    text
      .replaceAll(origin + prefix, '')
      .replaceAll(origin, '')
      .replaceAll(`${prefix}/`, '/')
      // Times, as scripts' addresses have them.
      .replace(/\d{10,}/g, '…');
  const look = (url: string) => {
    const { host, pathname } = new URL(url);
    const isHere = host === new URL(origin).host;
    if (isHere && !`${pathname}/`.startsWith(`${prefix}/`) && !pathname.startsWith('/-/assets/adopt.')) left.push(url);
  };
  context.on('request', (request) => {
    if (!/^https?:/.test(request.url())) return;
    requests++;
    look(request.url());
  });
  context.on('page', (opened) => {
    opened.on('websocket', (socket) => {
      look(socket.url().replace(/^ws/, 'http'));
      socket.once('framereceived', () => websockets++);
    });
    opened.on('console', (message) => {
      if (message.type() === 'error') errors.push(plain(message.text()));
    });
    opened.on('pageerror', (error) => errors.push(plain(error.message)));
  });
  const page = await context.newPage();
  try {
    await task({
      page,
      base: origin + prefix,
      open: async (path) => {
        await page.goto(origin + prefix + path);
      },
      shot: async (name, ...mask) => {
        await page.evaluate('document.fonts.ready.then(() => true)');
        const masked = mask.map((selector) => page.locator(selector));
        shots.set(name, await page.screenshot({ mask: masked, animations: 'disabled', caret: 'hide' }));
      },
    });
  } catch (error) {
    const shown = `${page.url()}\n${await page.innerText('body').catch(() => '')}`.slice(0, 2_000);
    throw new Error(`the task failed at ${shown}\nconsole: ${errors.join('\n')}`, { cause: error });
  } finally {
    await context.close();
  }
  return { requests, left, errors, websockets, shots };
}
