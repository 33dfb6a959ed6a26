import { ConfigError } from '../config/config';
import { ListenError, listenField } from '../listener/listen-error';

/** Why the gateway cannot start, and what to do: one sentence a problem. */
export function startFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.join('\n');
  if (!(error instanceof ListenError)) return `The gateway cannot start: ${String(error)}`;
  const field = listenField(error.listener);
  const { code, port, address, hostname, message } = error.cause as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
    hostname?: string;
  };
  const place = `${address ?? ''}:${String(port ?? '')}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${field}.port: ${place} is in use by another program; stop that one, or choose another port`;
    case 'EACCES':
      return `${field}.port: this user may not listen on ${place}; choose a port above 1023, or grant CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
      return `${field}.host: this machine has no address ${address ?? ''}; use 0.0.0.0 for all`;
    case 'ENOTFOUND':
      return `${field}.host: the name ${hostname ?? ''} is not known; write an address, or 0.0.0.0 for all`;
    case 'EINVAL':
    case 'EBADF':
    case 'ENOTSOCK':
    case 'ERR_INVALID_FD_TYPE':
      return `${field}: what is passed on for it is not a TCP socket that listens (${code}); write ListenStream= with a port, and no Accept=yes, in its .socket unit`;
    default:
      return `${field}: ${message}`;
  }
}
