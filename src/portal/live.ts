import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { portalSnapshot, type Portal, type ToolStatus } from './portal';

export interface LiveStatusOptions {
  /** More than these are answered 503. */
  readonly maxClients?: number;
  /** Bytes that may wait for a client that reads slowly; beyond them it is cut off. */
  readonly maxBuffered?: number;
  /** Milliseconds; a client that has not answered a ping when the next is due is cut off. */
  readonly pingInterval?: number;
  /** Milliseconds in which changes are gathered into one message: of a state, and of latencies alone. */
  readonly changeDelay?: number;
  readonly latencyDelay?: number;
  /** Milliseconds that clients have to answer the closing handshake. */
  readonly closeTimeout?: number;
}

export interface LiveStatus {
  /**
   * Takes over an upgrade to a websocket; the caller has checked the path and the Origin.
   * @param prefix what a proxy in front takes off the path
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, prefix?: string): void;
  /** Replaces what is shown; pages that see another `revision` load themselves anew. */
  update(portal: Portal): void;
  /** Ends all with 1001 (going away, RFC 6455 section 7.4.1); resolves when no socket is left. */
  close(): Promise<void>;
  readonly clients: number;
}

/** Whether nothing about the targets has changed that people see. */
const sameTargets = (a: ToolStatus, b: ToolStatus): boolean =>
  a.targets.length === b.targets.length && a.targets.every(({ text }, index) => text === b.targets[index]?.text);

const refusal = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 10\r\n\r\n';

/** Sends the tools' states to pages: everything to begin with, then what changes. */
export function createLiveStatus(
  first: Portal,
  {
    maxClients = 1000,
    maxBuffered = 1024 * 1024,
    pingInterval = 30_000,
    changeDelay = 50,
    latencyDelay = 2000,
    closeTimeout = 1000,
  }: LiveStatusOptions = {},
): LiveStatus {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const answering = new WeakSet<WebSocket>();
  /** Of those behind a proxy that takes a path off: that path. */
  const prefixes = new WeakMap<WebSocket, string>();
  let portal = first;
  let closed = false;

  const send = (client: WebSocket, message: string): void => {
    if (client.readyState !== WebSocket.OPEN) return;
    if (client.bufferedAmount > maxBuffered) client.terminate();
    else client.send(message, () => undefined);
  };
  const sendAll = (message: string): void => {
    for (const client of server.clients) send(client, message);
  };
  const snapshot = (prefix = ''): string => JSON.stringify(portalSnapshot(portal.view(), prefix));

  // Changes are gathered: with hundreds of tools and pages, a message for each would be a load of its own.
  const shown = new Map<string, ToolStatus>();
  const changed = new Map<string, ToolStatus>();
  let timer: NodeJS.Timeout | null = null;
  let due = Infinity;

  const forget = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    due = Infinity;
    changed.clear();
  };
  const flush = (): void => {
    const tools = [...changed.values()];
    forget();
    if (server.clients.size === 0) return;
    const { revision, now, summary } = portal.view();
    sendAll(JSON.stringify({ type: 'change', revision, now, summary, tools }));
  };
  const gather = (status: ToolStatus): void => {
    const before = shown.get(status.path);
    shown.set(status.path, status);
    changed.set(status.path, status);
    const onlyLatency = before?.word === status.word && before.detail === status.detail && sameTargets(before, status);
    const delay = onlyLatency ? latencyDelay : changeDelay;
    if (Date.now() + delay >= due) return;
    if (timer !== null) clearTimeout(timer);
    due = Date.now() + delay;
    timer = setTimeout(flush, delay);
    timer.unref();
  };
  const watch = (): (() => void) => {
    shown.clear();
    for (const { status } of portal.view().tools) shown.set(status.path, status);
    return portal.onChange(gather);
  };
  let unwatch = watch();

  const pings = setInterval(() => {
    for (const client of server.clients) {
      if (!answering.delete(client)) {
        client.terminate();
        continue;
      }
      if (client.readyState === WebSocket.OPEN) client.ping(undefined, undefined, () => undefined);
      // Browsers do not show pings to scripts; by this a page knows that its connection lives.
      send(client, '{"type":"alive"}');
    }
  }, pingInterval);
  pings.unref();

  return {
    handleUpgrade(request, socket, head, prefix = '') {
      socket.on('error', () => socket.destroy());
      if (closed || server.clients.size >= maxClients) {
        socket.end(refusal, () => socket.destroy());
        return;
      }
      server.handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => client.terminate());
        client.on('pong', () => answering.add(client));
        answering.add(client);
        if (prefix !== '') prefixes.set(client, prefix);
        send(client, snapshot(prefix));
      });
    },
    update(next) {
      if (closed) return;
      unwatch();
      forget();
      portal = next;
      unwatch = watch();
      const whole = snapshot();
      for (const client of server.clients) {
        const prefix = prefixes.get(client);
        send(client, prefix === undefined ? whole : snapshot(prefix));
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      unwatch();
      forget();
      clearInterval(pings);
      const clients = [...server.clients];
      const gone = clients.map((client) => new Promise<void>((resolve) => client.once('close', () => resolve())));
      for (const client of clients) client.close(1001, 'The gateway is going away');
      const deadline = setTimeout(() => {
        for (const client of clients) client.terminate();
      }, closeTimeout);
      await Promise.all(gone);
      clearTimeout(deadline);
    },
    get clients() {
      return server.clients.size;
    },
  };
}
