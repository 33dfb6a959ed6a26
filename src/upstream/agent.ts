import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { MountConfig } from '../config/config';

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

/**
 * Idle connections are given up before a tool gives them up (Node's own limit is 5 s, most others' are longer), so that
 * a request seldom meets one that is just being closed. Milliseconds.
 */
export const idleLimit = 4_000;

/** One pool a mount: keep-alive, the most recently used connection first. nginx: `upstream { keepalive }`. */
export function createAgent(config: MountConfig, tls: UpstreamTlsOptions): http.Agent {
  const pool = { keepAlive: true, scheduling: 'lifo', maxFreeSockets: 256, timeout: idleLimit } as const;
  return config.target.protocol === 'https:' ? new https.Agent({ ...pool, ...tls }) : new http.Agent(pool);
}
