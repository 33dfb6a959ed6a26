import { ConfigError } from '../config/config';
import { ListenError, type ListenerName } from '../listener/listen-error';

/** An error on its way to another process, which would keep neither its class nor its fields. */
export type ErrorParcel =
  | { readonly kind: 'config'; readonly file: string; readonly problems: readonly string[] }
  | { readonly kind: 'listen'; readonly listener: ListenerName; readonly cause: CauseOfListenError }
  | { readonly kind: 'other'; readonly message: string };

/** What Node tells of a port that cannot be used. */
interface CauseOfListenError {
  readonly message: string;
  readonly code: unknown;
  readonly address: unknown;
  readonly port: unknown;
  readonly hostname: unknown;
}

export function packError(error: unknown): ErrorParcel {
  if (error instanceof ConfigError) return { kind: 'config', file: error.file, problems: error.problems };
  if (error instanceof ListenError) {
    const cause = error.cause as Partial<CauseOfListenError>;
    const { message = String(error.cause), code, address, port, hostname } = cause;
    return { kind: 'listen', listener: error.listener, cause: { message, code, address, port, hostname } };
  }
  return { kind: 'other', message: error instanceof Error ? error.message : String(error) };
}

export function unpackError(parcel: ErrorParcel): Error {
  switch (parcel.kind) {
    case 'config':
      return new ConfigError(parcel.file, parcel.problems);
    case 'listen':
      return new ListenError(parcel.listener, Object.assign(new Error(parcel.cause.message), parcel.cause));
    case 'other':
      return new Error(parcel.message);
  }
}
