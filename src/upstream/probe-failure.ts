import type { HealthReason } from './status';

/** How far a probe had come. */
export type ProbePhase = 'connect' | 'tls' | 'answer' | 'body';

export interface ProbeFailure {
  readonly outcome: 'failed';
  readonly reason: Extract<HealthReason, 'refused' | 'unknown-host' | 'timeout' | 'tls' | 'closed'>;
  /** Node's or OpenSSL's code, for the log and for more precise advice. */
  readonly code: string | null;
  readonly phase: ProbePhase;
}

/** TLS record types 20 to 23, version 3.x: what a TLS port says to plain HTTP. */
const looksLikeTls = (bytes: unknown) =>
  Buffer.isBuffer(bytes) && bytes.length >= 2 && (bytes[0] ?? 0) >= 20 && (bytes[0] ?? 0) <= 23 && bytes[1] === 3;

/** The code that `failureOf` gives when a tool addressed with http:// answers TLS. */
export const SPEAKS_TLS = 'SPEAKS_TLS';

/** Sorts an error of node:http, node:tls or node:dns into what a person can act upon. */
export function failureOf(error: unknown, phase: ProbePhase): ProbeFailure {
  const {
    code: rawCode,
    rawPacket,
    message,
  } = (error ?? {}) as Partial<Record<'code' | 'rawPacket' | 'message', unknown>>;
  const code = looksLikeTls(rawPacket) ? SPEAKS_TLS : typeof rawCode === 'string' ? exactCode(rawCode, message) : null;
  return { outcome: 'failed', reason: reasonOf(code ?? '', phase), code, phase };
}

/** Where a write fails because of what was read before, Node says EPROTO, and OpenSSL's reason in the message alone. */
function exactCode(code: string, message: unknown): string {
  const reason = code === 'EPROTO' ? /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(String(message))?.[1] : undefined;
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
}

function reasonOf(code: string, phase: ProbePhase): ProbeFailure['reason'] {
  if (code === SPEAKS_TLS) return 'closed';
  if (code === 'ETIMEDOUT') return 'timeout';
  // A TLS 1.3 server turns down a client certificate after the handshake: the phase alone does not tell.
  if (phase === 'tls' || /^ERR_(TLS|SSL|OSSL)_|^EPROTO$|CERT/.test(code)) return 'tls';
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'unknown-host';
  if (phase === 'connect' && /^E(?!RR_|CONNRESET$)/.test(code)) return 'refused';
  return 'closed';
}
