import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MountConfig } from '../config/config';
import { announcedIdle, type KeepAlive } from './keep-alive';

/** TLS options towards a tool; {} for plain http. */
export interface UpstreamTlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** Reads the mount's PEM files. Throws what `fs` throws; the configuration has been checked before. */
export function readTlsOptions({ target, tls }: MountConfig): UpstreamTlsOptions {
  if (target.protocol !== 'https:') return {};
  return {
    rejectUnauthorized: tls.verify,
    // SNI carries names only (RFC 6066 §3).
    servername: isIP(target.hostname) ? '' : target.hostname,
    ...(tls.ca === null ? {} : { ca: readFileSync(tls.ca, 'utf8') }),
    ...(tls.cert === null ? {} : { cert: readFileSync(tls.cert, 'utf8') }),
    ...(tls.key === null ? {} : { key: readFileSync(tls.key, 'utf8') }),
  };
}

/** One pool a tool: keep-alive, the most recently used connection first. nginx: `upstream { keepalive }`. */
export function createAgent(
  { target }: Pick<MountConfig, 'target'>,
  tls: UpstreamTlsOptions,
  keepAlive: KeepAlive,
): http.Agent {
  const pool = { keepAlive: true, scheduling: 'lifo', maxFreeSockets: 256, timeout: keepAlive.idle } as const;
  const agent = target.protocol === 'https:' ? new https.Agent({ ...pool, ...tls }) : new http.Agent(pool);
  return keptAsAnnounced(agent, keepAlive);
}

/** What Node's agent knows of a socket that has just carried a request. */
type CarryingSocket = Duplex & {
  readonly _httpMessage?: { readonly res?: http.IncomingMessage } | null;
  setTimeout(ms: number): void;
};

/** Connections that are closed behind the answer that they bring. */
const spent = new WeakSet<object>();

/** Has a connection of an agent closed behind the answer that it is bringing. */
export function closeBehindAnswer(socket: Socket): void {
  spent.add(socket);
}

/** Node's own agent keeps a connection shorter where the tool announces less, but never longer, and a busy one for ever. */
function keptAsAnnounced(agent: http.Agent, { idle, life }: KeepAlive): http.Agent {
  const openedAt = new WeakMap<object, number>();
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const socket = create(options, done);
    if (socket) openedAt.set(socket, performance.now());
    return socket;
  };
  const keep = agent.keepSocketAlive.bind(agent);
  // Returns nothing to keep it, and false to have it closed.
  agent.keepSocketAlive = (kept: Duplex): boolean => {
    const socket = kept as CarryingSocket;
    const announced = announcedIdle(String(socket._httpMessage?.res?.headers['keep-alive'] ?? '')) ?? idle;
    if (announced === 0 || spent.has(socket) || performance.now() - (openedAt.get(socket) ?? 0) >= life) return false;
    keep(socket);
    socket.setTimeout(announced);
    return true;
  };
  return agent;
}
