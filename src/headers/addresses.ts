import type { OwnName } from '../config/config';
import type { Mount } from '../mount/mount';
import { parseAuthority, type PublicOrigin } from './forwarded';

/** By what names a tool is known, on its own side and on the public one. */
export interface Addresses {
  readonly mount: Mount;
  readonly origin: PublicOrigin;
  /** The request's Host as it arrived: tools build URLs from it (Jetty always does). */
  readonly host: string;
}

type Authority = NonNullable<ReturnType<typeof parseAuthority>>;

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** `localhost.` is the same name, written out to the root (RFC 1034 §3.1). */
export const withoutRoot = (hostname: string) => (hostname.endsWith('.') ? hostname.slice(0, -1) : hostname);

export const bracketed = (hostname: string) => (hostname.includes(':') ? `[${hostname}]` : hostname);

/** Whether two host names, in lower case and IPv6 addresses in brackets, are the same machine's. */
export function isSameHost(one: string, other: string): boolean {
  const [a, b] = [withoutRoot(one), withoutRoot(other)];
  return a === b || (loopback.has(a) && loopback.has(b));
}

/** All names of a mount's tool: its targets' and those that `names` adds. */
export function namesOf({ config: { targets, names } }: Mount): OwnName[] {
  return [...targets.map(({ hostname, port }) => ({ hostname: bracketed(hostname), port })), ...names];
}

/** As it stands in a URL, and in `names`. */
export const authorityOf = ({ hostname, port }: OwnName) => (port === null ? hostname : `${hostname}:${port}`);

/** Tools write a scheme's default port, or none, where theirs is another one. */
const isAnyPort = (port: number | null) => port === null || port === 80 || port === 443;

/** Whether an authority is the public one, with its port, a scheme's default one, or none. */
export function isPublicAuthority(said: Authority, { origin, host }: Addresses): boolean {
  const anyPort = isAnyPort(said.port);
  const name = withoutRoot(said.hostname);
  if (name === withoutRoot(origin.hostname) && (anyPort || said.port === origin.port)) return true;
  const asked = parseAuthority(host);
  return asked !== null && name === withoutRoot(asked.hostname) && (anyPort || said.port === asked.port);
}

/** Whether an authority is one of the tool's own, with its port, a scheme's default one, or none. */
export function isToolAuthority(said: Authority, mount: Mount): boolean {
  return namesOf(mount).some(
    ({ hostname, port }) => isSameHost(said.hostname, hostname) && (isAnyPort(said.port) || said.port === port),
  );
}
