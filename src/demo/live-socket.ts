import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { pathOf, text } from './answer';
import type { Answer } from './answer';

export interface LiveSocketOptions {
  readonly path: string;
  /** What to answer instead of 101, or null. */
  refusal(request: IncomingMessage): Answer | null;
  /** What every client is sent at once and then every `interval` milliseconds. */
  message(): string;
  readonly interval: number;
  /** Milliseconds of silence in both directions after which a client is closed with 1001. */
  readonly idle: number;
}

export interface LiveSocket {
  readonly clients: number;
  closeAll(code: number, reason: string): void;
}

const slowClientBytes = 1024 * 1024;
const ignore = (): void => undefined;

/** Serves one websocket path of a server: live data out, `{"type":"ping"}` answered, anything else ignored. */
export function serveLiveSocket(server: Server, options: LiveSocketOptions): LiveSocket {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4096, perMessageDeflate: true });
  let timer: NodeJS.Timeout | undefined;

  const sendAll = (): void => {
    const message = options.message();
    for (const client of sockets.clients) if (client.bufferedAmount < slowClientBytes) client.send(message, ignore);
  };

  const welcome = (client: WebSocket, socket: Socket): void => {
    client.on('error', ignore);
    client.on('message', (data, isBinary) => {
      if (!isBinary && isPing(data)) client.send('{"type":"pong"}', ignore);
    });
    client.on('close', () => {
      if (sockets.clients.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
    // Node's HTTP server leaves a handler here that would destroy the socket without a close frame.
    socket.removeAllListeners('timeout');
    socket.setTimeout(options.idle, () => client.close(1001, 'Idle Timeout'));
    client.send(options.message(), ignore);
    timer ??= setInterval(sendAll, options.interval).unref();
  };

  server.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', ignore);
    const refusal =
      pathOf(request) === options.path ? options.refusal(request) : text(404, 'There is no websocket here.\n');
    if (refusal !== null) {
      socket.end(onTheWire(refusal));
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => welcome(client, socket));
  });
  server.on('close', () => clearInterval(timer));

  return {
    get clients() {
      return sockets.clients.size;
    },
    closeAll(code, reason) {
      for (const client of sockets.clients) client.close(code, reason);
    },
  };
}

/** A refused upgrade gets a real answer, written by hand since Node has handed the bare socket over. */
function onTheWire({ status, headers, body }: Answer): string {
  const fields = { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body.toString()}`;
}

function isPing(data: RawData): boolean {
  try {
    // A Buffer, ws's default binaryType.
    const message: unknown = JSON.parse((data as Buffer).toString());
    return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ping';
  } catch {
    return false;
  }
}
