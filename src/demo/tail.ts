import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRead, methodNotAllowed, page, pathOf, text } from './answer';
import { assetServer } from './assets';
import { html } from '../portal/html';
import type { Html } from '../portal/html';
import { logLine } from './pretend-log';
import type { LogLine } from './pretend-log';
import { toolPage } from './tool-page';
import { createToolServer, listen } from './tool-server';
import type { Tool, ToolServerOptions } from './tool-server';
import { Visits } from './visits';

export interface TailOptions extends ToolServerOptions {
  /** Milliseconds between two log lines. Default 700. */
  readonly interval?: number;
}

const shownAtOnce = 20;
const slowClientBytes = 256 * 1024;

/**
 * A demo tool that knows nothing of a base path (`prefix: strip`): relative links, and log lines as server-sent
 * events at `/events`. Its cookie is JSESSIONID at `/`, as kPow's is, so the two collide unless a gateway keeps them
 * apart.
 */
export async function startTail(options: TailOptions = {}): Promise<Tool> {
  const { interval = 700 } = options;
  const visits = new Visits('/');
  const assets = assetServer(['tool.css', 'live-log.js', 'tail.svg']);
  const newest = (): number => Math.floor(Date.now() / interval);

  const server = createToolServer((request) => {
    const path = pathOf(request);
    if (!isRead(request)) return methodNotAllowed('GET, HEAD');
    if (path === '/health') return text(200, 'ok\n');
    if (path === '/events') return (response) => streamEvents(request, response);
    if (path !== '/') return assets(path, request) ?? text(404, 'This demo tool has one page, at its root.\n');
    const { views, cookie } = visits.count(request);
    return page(200, tailPage(newest(), views), cookie);
  });

  /**
   * One event a line. After a reconnect (Last-Event-ID), or after a page that has the lines up to `?after=`, the lines
   * since then follow at once, at most a screenful.
   */
  function streamEvents(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const after = request.headers['last-event-id']?.toString() ?? /\?after=(\d+)$/.exec(request.url ?? '')?.[1] ?? '';
    const wanted = /^\d{1,15}$/.test(after) ? Number(after) + 1 : newest();
    let next = Math.min(newest() + 1, Math.max(newest() - shownAtOnce, wanted));
    const send = (): void => {
      if (response.writableLength > slowClientBytes) {
        response.destroy();
        return;
      }
      for (; next <= newest(); next += 1) {
        response.write(`id: ${next}\ndata: ${JSON.stringify(logLine(next, interval))}\n\n`);
      }
    };
    const timer = setInterval(send, interval).unref();
    response.on('close', () => clearInterval(timer));
    response.write('retry: 2000\n\n');
    send();
  }

  function tailPage(last: number, views: number): Html {
    const lines = Array.from({ length: shownAtOnce }, (_, index) => logLine(last - shownAtOnce + 1 + index, interval));
    return toolPage({
      tool: 'tail',
      toolName: 'Tail',
      notice: 'Demo: a small tool that knows nothing of the path it is served at. Its log lines are invented.',
      title: 'Live log',
      root: './',
      script: 'live-log.js',
      aside: html`<p class="visits">Page ${views} of your session</p>
        <p class="connection" id="connection" role="status">Connecting</p>`,
      body: html`<h1>Live log</h1>
        <ol class="log" id="log" data-last="${last}" aria-label="Log lines, the newest last">
          ${lines.map(logItem)}
        </ol>`,
    });
  }

  return listen(server, options);
}

function logItem({ at, level, service, message }: LogLine): Html {
  return html`<li class="${level}">
    <time>${at.slice(11, 19)}</time> <b>${level}</b> <span>${service}</span> ${message}
  </li>`;
}
