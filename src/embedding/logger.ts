import pino from 'pino';
import type { LogConfig } from '../config/config';
import { serializeError } from '../observe/error-serializer';
import { createLog, type Log } from '../observe/log';

type Write = (fields: object, message: string) => void;

/** Where the gateway's log goes. A pino or bunyan logger is one, Fastify's `app.log`, and `console`. */
export interface Logger {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

/**
 * The gateway's log within another program. `log.level` of the configuration decides what is told, and after that the
 * logger itself.
 *
 * @param host lines go to the console unless given, as `log.format` says
 * @internal
 */
export function embeddedLog(config: LogConfig, host: Logger | undefined): Log {
  return host === undefined ? createLog(config, consoleLines()) : forwardingLog(config, host);
}

/** By way of the console, which bears a reader that has left, and adds no listener to stdout that stays. */
function consoleLines() {
  return { write: (line: string) => console.log(line.trimEnd()), isTTY: process.stdout.isTTY };
}

function forwardingLog({ level }: LogConfig, host: Logger): Log {
  return pino(
    {
      level,
      hooks: {
        logMethod(args: readonly unknown[], _method, number) {
          const [first, second] = args;
          const fields = typeof first === 'object' && first !== null ? withPlainError(first) : {};
          try {
            host[names[pino.levels.labels[number] ?? ''] ?? 'info'](
              fields,
              typeof first === 'string' ? first : String(second),
            );
          } catch {
            // There is no one to tell: this is where errors are told.
          }
        },
      },
    },
    { write: () => undefined },
  );
}

/** An error as the gateway's own log has it: without what was sent, which its other properties may hold. */
function withPlainError(fields: object): object {
  return 'err' in fields && fields.err !== undefined ? { ...fields, err: serializeError(fields.err) } : fields;
}

/** By pino's names of its levels. */
const names: Readonly<Record<string, keyof Logger>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
};
