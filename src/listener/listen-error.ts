/** A port that cannot be listened on. The cause is what `listen` threw: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(
    readonly listener: 'https' | 'http',
    override readonly cause: unknown,
  ) {
    super(`listen.${listener} cannot be listened on`, { cause });
  }
}
