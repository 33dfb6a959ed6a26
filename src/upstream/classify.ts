import { ProxyError, type ProxyErrorCode } from './proxy-error';

/** Errors of `net`, `dns`, `tls` and the HTTP parser, by what they mean to a person. */
const codes: Record<string, ProxyErrorCode> = {
  ECONNREFUSED: 'UPSTREAM_REFUSED',
  ENOTFOUND: 'UPSTREAM_UNKNOWN_HOST',
  EAI_AGAIN: 'UPSTREAM_UNKNOWN_HOST',
  EAI_FAIL: 'UPSTREAM_UNKNOWN_HOST',
  EHOSTUNREACH: 'UPSTREAM_UNREACHABLE',
  ENETUNREACH: 'UPSTREAM_UNREACHABLE',
  EADDRNOTAVAIL: 'UPSTREAM_UNREACHABLE',
  ETIMEDOUT: 'UPSTREAM_CONNECT_TIMEOUT',
  EMFILE: 'GATEWAY_EXHAUSTED',
  ENFILE: 'GATEWAY_EXHAUSTED',
  HPE_HEADER_OVERFLOW: 'UPSTREAM_HEAD_TOO_LARGE',
  EPROTO: 'UPSTREAM_TLS',
  CERT_HAS_EXPIRED: 'UPSTREAM_TLS',
  CERT_NOT_YET_VALID: 'UPSTREAM_TLS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'UPSTREAM_TLS',
  SELF_SIGNED_CERT_IN_CHAIN: 'UPSTREAM_TLS',
  HOSTNAME_MISMATCH: 'UPSTREAM_TLS',
};

const families: readonly (readonly [prefix: string, code: ProxyErrorCode])[] = [
  ['HPE_', 'UPSTREAM_BAD_ANSWER'],
  ['ERR_HTTP_INVALID', 'UPSTREAM_BAD_ANSWER'],
  ['ERR_INVALID_CHAR', 'UPSTREAM_BAD_ANSWER'],
  ['ERR_TLS_', 'UPSTREAM_TLS'],
  ['ERR_SSL_', 'UPSTREAM_TLS'],
  ['ERR_OSSL_', 'UPSTREAM_TLS'],
  ['UNABLE_TO_', 'UPSTREAM_TLS'],
  ['CERT_', 'UPSTREAM_TLS'],
];

/** These are of the network, and may also end a connection that has been made. */
const ofNetwork = ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];

/** @returns the error itself when it is a ProxyError already; a closed connection when nothing better is known */
export function classifyUpstreamError(error: unknown, mountName: string): ProxyError {
  if (error instanceof ProxyError) return error;
  const { code = '', syscall = '' }: NodeJS.ErrnoException = error instanceof Error ? error : new Error();
  if (ofNetwork.includes(code) && (syscall === 'read' || syscall === 'write'))
    return new ProxyError('UPSTREAM_CLOSED', mountName, error);
  const known = codes[code] ?? families.find(([prefix]) => code.startsWith(prefix))?.[1];
  return new ProxyError(known ?? 'UPSTREAM_CLOSED', mountName, error);
}
