import { FramingError } from './answer-framing';

/**
 * Every failure of a request is a ProxyError. Its code alone decides the status, whether the request may be tried
 * again, and how loudly it is logged; nothing else in the program sets an error status.
 */

export type Source = 'client' | 'gateway' | 'upstream';

interface Kind {
  readonly status: number;
  readonly source: Source;
  /** What happened, for people; `{name}` is the mount's name. Never an address from inside the network. */
  readonly title: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Nothing of the request can have been acted upon: it may be sent again on a new connection. */
  readonly nothingSent?: true;
}

const kinds = {
  BAD_REQUEST: { status: 400, source: 'client', title: 'The request was malformed', level: 'info' },
  PATH_ESCAPES: { status: 400, source: 'client', title: 'The path leads out of its mount', level: 'info' },
  REQUEST_TIMEOUT: { status: 408, source: 'client', title: 'The request took too long to arrive', level: 'info' },
  BODY_TOO_LARGE: {
    status: 413,
    source: 'client',
    title: 'The request’s body is larger than {name} may get',
    level: 'info',
  },
  URI_TOO_LONG: { status: 414, source: 'client', title: 'The address is too long', level: 'info' },
  HEAD_TOO_LARGE: { status: 431, source: 'client', title: 'The request’s headers are too large', level: 'info' },
  CLIENT_CERT_MISSING: { status: 403, source: 'client', title: 'A client certificate is needed', level: 'info' },
  CLIENT_CERT_REFUSED: {
    status: 403,
    source: 'client',
    title: 'The client certificate is not accepted',
    level: 'warn',
  },
  CLIENT_CLOSED: { status: 499, source: 'client', title: 'The client left', level: 'debug' },
  METHOD_NOT_ALLOWED: { status: 405, source: 'client', title: 'This method is not served here', level: 'info' },
  UNKNOWN_METHOD: { status: 501, source: 'client', title: 'Unknown method', level: 'info' },
  UNKNOWN_TRANSFER_CODING: { status: 501, source: 'client', title: 'Unknown transfer coding', level: 'info' },
  NO_MOUNT: { status: 404, source: 'gateway', title: 'Nothing is served here', level: 'info' },
  MISDIRECTED: { status: 421, source: 'gateway', title: 'This name is not served here', level: 'info' },
  CLIENT_NOT_ALLOWED: { status: 403, source: 'gateway', title: '{name} is not for this address', level: 'info' },
  PATH_DENIED: { status: 403, source: 'gateway', title: 'This part of {name} is not served', level: 'info' },
  METHOD_DENIED: { status: 405, source: 'gateway', title: '{name} is not served for this method', level: 'info' },
  DESTINATION_OUTSIDE: { status: 502, source: 'gateway', title: 'The destination is outside of {name}', level: 'info' },
  ORIGIN_DENIED: { status: 403, source: 'gateway', title: 'The websocket is not for this page', level: 'info' },
  RATE_LIMITED: { status: 429, source: 'gateway', title: 'Too many requests to {name}', level: 'info' },
  RATE_LIMIT_UNKNOWN: {
    status: 503,
    source: 'gateway',
    title: '{name} is held back for a moment',
    level: 'info',
  },
  METRICS_FORBIDDEN: { status: 403, source: 'gateway', title: 'The metrics are not for this address', level: 'info' },
  GATEWAY_EXHAUSTED: {
    status: 503,
    source: 'gateway',
    title: 'The gateway may open no more connections',
    level: 'error',
  },
  INTERNAL: { status: 500, source: 'gateway', title: 'The gateway failed', level: 'error' },
  UPSTREAM_REFUSED: {
    status: 502,
    source: 'upstream',
    title: '{name} refused the connection',
    level: 'warn',
    nothingSent: true,
  },
  UPSTREAM_UNKNOWN_HOST: {
    status: 502,
    source: 'upstream',
    title: '{name}’s host name is not known',
    level: 'warn',
    nothingSent: true,
  },
  UPSTREAM_UNREACHABLE: {
    status: 502,
    source: 'upstream',
    title: '{name} cannot be reached',
    level: 'warn',
    nothingSent: true,
  },
  UPSTREAM_TLS: {
    status: 502,
    source: 'upstream',
    title: 'No trusted TLS connection to {name}',
    level: 'warn',
    nothingSent: true,
  },
  UPSTREAM_CLOSED: { status: 502, source: 'upstream', title: '{name} closed the connection', level: 'warn' },
  UPSTREAM_BAD_ANSWER: {
    status: 502,
    source: 'upstream',
    title: '{name} answered something that is not HTTP',
    level: 'warn',
  },
  UPSTREAM_HEAD_TOO_LARGE: { status: 502, source: 'upstream', title: '{name} sent too large a head', level: 'warn' },
  UPSTREAM_UNHEALTHY: { status: 503, source: 'upstream', title: '{name} says that it is not healthy', level: 'warn' },
  KPOW_ERROR_STATE: { status: 503, source: 'upstream', title: '{name} is in its ERROR state', level: 'warn' },
  UPSTREAM_CONNECT_TIMEOUT: {
    status: 504,
    source: 'upstream',
    title: '{name} did not accept the connection in time',
    level: 'warn',
    nothingSent: true,
  },
  UPSTREAM_CIRCUIT_OPEN: {
    status: 503,
    source: 'upstream',
    title: '{name} has not taken connections for a while',
    level: 'info',
    nothingSent: true,
  },
  UPSTREAM_BUSY: {
    status: 503,
    source: 'upstream',
    title: '{name} has as many requests as it may have',
    level: 'warn',
    nothingSent: true,
  },
  UPSTREAM_RESPONSE_TIMEOUT: { status: 504, source: 'upstream', title: '{name} did not answer in time', level: 'warn' },
  UPSTREAM_IDLE_TIMEOUT: {
    status: 504,
    source: 'upstream',
    title: '{name} went silent in the middle of its answer',
    level: 'warn',
  },
} as const satisfies Record<string, Kind>;

export type ProxyErrorCode = keyof typeof kinds;

/** An answer with a `FramingError` is HTTP, and more is known of it than that it cannot be read. */
const unclearEnd = '{name} does not say clearly where its answer ends';

export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly status: number;
  readonly source: Source;
  readonly level: Kind['level'];
  readonly nothingSent: boolean;

  /**
   * @param mountName the mount's display name, for upstream failures
   * @param retryAfter seconds until it is worth asking again, where that is known
   */
  constructor(
    readonly code: ProxyErrorCode,
    readonly mountName: string | null = null,
    cause?: unknown,
    readonly retryAfter: number | null = null,
  ) {
    const kind: Kind = kinds[code];
    const title = cause instanceof FramingError ? unclearEnd : kind.title;
    // A name may hold `$&`, which means something in a replacement that is text.
    super(
      title.replace('{name}', () => mountName ?? 'The tool'),
      { cause },
    );
    this.status = kind.status;
    this.source = kind.source;
    this.level = kind.level;
    this.nothingSent = kind.nothingSent ?? false;
  }
}
