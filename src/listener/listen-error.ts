/** The listeners of a gateway: for people over TLS and in plain HTTP, and for Prometheus alone. */
export type ListenerName = 'https' | 'http' | 'metrics';

/** A port that cannot be listened on. The cause is what `listen` threw: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(
    readonly listener: ListenerName,
    override readonly cause: unknown,
  ) {
    super(`${listenField(listener)} cannot be listened on`, { cause });
  }
}

/** Where a listener stands in the configuration. */
export function listenField(listener: ListenerName): string {
  return listener === 'metrics' ? 'metrics' : `listen.${listener}`;
}
