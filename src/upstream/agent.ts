import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MountConfig } from '../config/config';
import { readFileContents, textIn, type FileContents } from '../config/file-contents';
import { formatProblem } from '../config/problem';
import { tlsFileProblems } from '../config/tool-files';
import { announcedIdle, type KeepAlive } from './keep-alive';

/** TLS options towards a tool; {} for plain http. */
export interface UpstreamTlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
  /** What is wrong with the files, so that no connection can be made. */
  readonly unusable?: string;
}

/** @param contents what the mount's PEM files held when the configuration was put in force */
export function tlsOptionsOf(
  { target, tls }: Pick<MountConfig, 'target' | 'tls'>,
  contents: FileContents,
): UpstreamTlsOptions {
  if (target.protocol !== 'https:') return {};
  const read = (file: string) => textIn(contents, file);
  const problems = tlsFileProblems(tls, read, ['tls']);
  if (problems.length > 0) return { unusable: problems.map(formatProblem).join('; ') };
  const text = (field: 'ca' | 'cert' | 'key') => {
    const content = tls[field] === null ? null : read(tls[field]);
    return content && 'text' in content ? { [field]: content.text } : {};
  };
  return {
    rejectUnauthorized: tls.verify,
    // SNI carries names only (RFC 6066 §3).
    servername: isIP(target.hostname) ? '' : target.hostname,
    ...text('ca'),
    ...text('cert'),
    ...text('key'),
  };
}

/** Reads the mount's PEM files as they are now. */
export function readTlsOptions(mount: MountConfig): UpstreamTlsOptions {
  return tlsOptionsOf(mount, readFileContents({ mounts: [mount] }));
}

/** @throws where no connection can be made with them, as Node would for a key that is not the certificate's */
export function usable<Options extends { readonly unusable?: string }>(options: Options): Options {
  if (options.unusable === undefined) return options;
  throw Object.assign(new Error(options.unusable), { code: 'ERR_TLS_FILES' });
}

/** One pool a tool: keep-alive, the most recently used connection first. nginx: `upstream { keepalive }`. */
export function createAgent(
  { target }: Pick<MountConfig, 'target'>,
  tls: UpstreamTlsOptions,
  keepAlive: KeepAlive,
): http.Agent {
  const pool = { keepAlive: true, scheduling: 'lifo', maxFreeSockets: 256, timeout: keepAlive.idle } as const;
  const agent = target.protocol === 'https:' ? new https.Agent({ ...pool, ...tls }) : new http.Agent(pool);
  // Only here it is known that a connection is to be made.
  if (tls.unusable !== undefined) agent.createConnection = () => usable(tls) as never;
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
