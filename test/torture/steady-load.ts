import http from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';
import type { Tally } from './outcome';

export interface Ask {
  readonly path: string;
  /** What is wrong with an answer; null is nothing. */
  readonly check: (status: number, body: string) => string | null;
}

export interface LoadOptions {
  readonly port: number;
  /** Requests a second. Where the machine cannot, it is fewer: the rate that was reached is told. */
  readonly rate: number;
  /** The share of them that open a connection of their own. */
  readonly fresh: number;
  /** The nth request. */
  readonly ask: (nth: number) => Ask;
}

export interface Load {
  /** Ends it once all is answered. @returns requests a second, and the slowest in milliseconds */
  stop(): Promise<{ rate: number; slowest: number }>;
}

const tick = 5;

/** Connections that are kept. */
const clients = 64;

/** So many requests may be under way; beyond, there is no use in more. */
const mostOpen = 2 * clients;

/** How long an answer may take, in milliseconds, before it counts as lost. */
const patience = 20_000;

/** Asks over TLS, again and again at a steady rate. A request that fails is lost: nothing is sent twice. */
export function startLoad({ port, rate, fresh, ask }: LoadOptions, tally: Tally): Load {
  const kept = new https.Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: clients });
  const begun = performance.now();
  /** Connections that have brought an answer. */
  const used = new WeakSet<object>();
  let sent = 0;
  /** Those that were not sent in their time are not sent later. */
  let skipped = 0;
  let slowest = 0;
  let open = 0;
  let over: (() => void) | null = null;

  const send = (nth: number): void => {
    const { path, check } = ask(nth);
    const isFresh = fresh > 0 && nth % Math.round(1 / fresh) === 0;
    const from = performance.now();
    let ended = false;
    open++;
    tally.tried++;
    const end = (wrong: string | null): void => {
      if (ended) return;
      ended = true;
      slowest = Math.max(slowest, performance.now() - from);
      if (wrong === null) tally.survived++;
      else tally.lose(`${path}${isFresh ? ', new connection' : ''}: ${wrong}`);
      if (--open === 0) over?.();
    };
    const request = https.request(
      {
        port,
        host: '127.0.0.1',
        path,
        agent: isFresh ? false : kept,
        ...(isFresh && { rejectUnauthorized: false, headers: { connection: 'close' } }),
        timeout: patience,
      },
      (answer: http.IncomingMessage) => {
        used.add(answer.socket);
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('error', (error) => end(`its answer broke off (${error.message})`));
        answer.on('end', () => end(check(answer.statusCode ?? 0, body)));
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', (error: NodeJS.ErrnoException) =>
      end(`${error.code ?? error.message}${request.socket && used.has(request.socket) ? ' on a kept connection' : ''}`),
    );
    request.end();
  };

  const timer = setInterval(() => {
    const due = ((performance.now() - begun) * rate) / 1000 - skipped;
    while (sent < due && open < mostOpen) send(sent++);
    skipped += Math.max(0, due - sent);
  }, tick);

  return {
    async stop() {
      clearInterval(timer);
      const took = (performance.now() - begun) / 1000;
      if (open > 0) await new Promise<void>((done) => (over = done));
      kept.destroy();
      return { rate: Math.round(sent / took), slowest: Math.round(slowest) };
    },
  };
}
