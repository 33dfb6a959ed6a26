import http, { type IncomingMessage, type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A message as a receiver got it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

export interface Receiver {
  readonly port: number;
  /** `http://127.0.0.1:port` or `https://localhost:port` */
  readonly origin: string;
  readonly received: readonly Received[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Resolves when so many messages have arrived, past ones included, with the last of them. */
  arrived(count: number): Promise<Received>;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  /** What is answered when a message has been read; 200 unless given. */
  readonly answer?: RequestListener;
  readonly port?: number;
  /** Speaks TLS with this pair. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A receiver of webhooks on a real port of 127.0.0.1. */
export async function startReceiver({ answer, port = 0, tls }: ReceiverOptions = {}): Promise<Receiver> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const handle: RequestListener = (req, res) => {
    let body = '';
    req.on('error', () => undefined);
    res.on('error', () => undefined);
    req.setEncoding('utf8');
    req.on('data', (chunk: string) => (body += chunk));
    req.on('end', () => {
      const { method = '', url = '', headers } = req;
      received.push({ method, url, headers, body, at: performance.now() });
      if (answer) answer(req, res);
      else res.end('ok');
      for (const wake of waiting) wake();
    });
  };
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    origin: tls ? `https://localhost:${address.port}` : `http://127.0.0.1:${address.port}`,
    received,
    sockets,
    arrived: (count) =>
      new Promise((resolve) => {
        const wake = () => {
          const last = received[count - 1];
          if (last === undefined) return;
          waiting.delete(wake);
          resolve(last);
        };
        waiting.add(wake);
        wake();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
