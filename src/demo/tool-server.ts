import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from './answer';
import type { Answer } from './answer';

export interface ToolServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host?: string;
}

/** A running demo tool. */
export interface Tool {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/** Answers with a value, or takes the response over to stream into it. */
export type Handler = (request: IncomingMessage) => Answer | Stream | Promise<Answer>;
export type Stream = (response: ServerResponse) => void;

const ignore = (): void => undefined;

/** An HTTP server that no request can bring down: whatever a handler throws becomes a 500. */
export function createToolServer(handler: Handler): Server {
  const server = createServer((request, response) => {
    request.on('error', ignore);
    response.on('error', ignore);
    respond(handler, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else send(response, text(500, 'The demo tool failed on this request.\n'));
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.on('connection', (socket) => socket.on('error', ignore));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

/** @throws when the port is in use or the host is not this machine's */
export async function listen(server: Server, { port = 0, host = '127.0.0.1' }: ToolServerOptions): Promise<Tool> {
  // Upgraded sockets are no longer the server's to close.
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function respond(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await handler(request);
  if (typeof answer === 'function') answer(response);
  else send(response, answer);
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const length = status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}
