import pino from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogConfig } from '../config/config';
import { DescriptorWriter } from './descriptor-writer';
import { serializeError } from './error-serializer';
import { printableDeep } from './printable';

export type Log = pino.Logger;

/** What parts of the gateway need of a log. */
export interface EventLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where lines go: something to write to, or a file descriptor. */
export type LogDestination = (pino.DestinationStream & { readonly isTTY?: boolean }) | number;

const STDOUT = 1;

/**
 * The program's logger. JSON, a line each with an ISO time and the level as a word, or readable text. A reader that
 * goes away or a full disk loses lines, never the process.
 *
 * @param destination stdout unless given
 */
export function createLog(config: LogConfig, destination: LogDestination = STDOUT): Log {
  const isTerminal =
    destination === STDOUT ? process.stdout.isTTY : typeof destination === 'object' && destination.isTTY;
  const pretty = config.format === 'pretty' || (config.format === 'auto' && isTerminal === true);
  const out = unbreakable(typeof destination === 'number' ? new DescriptorWriter(destination) : destination);
  const output = pretty ? prettified(out, isTerminal === true && !process.env['NO_COLOR']) : out;
  const log = pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    output,
  );
  outputs.set(log, output);
  return log;
}

const outputs = new WeakMap<Log, pino.DestinationStream>();

/** Where a log writes its lines, for what brings its own JSON; null for a log that hands fields to somebody else. */
export function outputOf(log: Log): pino.DestinationStream | null {
  return outputs.get(log) ?? null;
}

interface Output extends pino.DestinationStream {
  flushSync(): void;
}

function unbreakable(stream: pino.DestinationStream): Output {
  const { on, flushSync } = stream as { on?: unknown; flushSync?: () => void };
  // There is no one to tell: this is where errors are told.
  const ignore = () => undefined;
  if (typeof on === 'function') on.call(stream, 'error', ignore);
  const attempt = (action: () => void) => {
    try {
      action();
    } catch {
      ignore();
    }
  };
  const flush = () => attempt(() => flushSync?.call(stream));
  return { write: (line) => attempt(() => stream.write(line)), flushSync: flush };
}

function prettified(out: Output, colorize: boolean): Output {
  const prettify = prettyFactory({ colorize, translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return {
    ...out,
    write(line) {
      const fields = withoutRepetition(printableDeep(JSON.parse(line)) as Record<string, unknown>);
      out.write(prettify(fields));
    },
  };
}

/** An access line's message has these already. */
const inMessage = new Set(['way', 'method', 'path', 'status', 'code']);

function withoutRepetition(fields: Record<string, unknown>): Record<string, unknown> {
  if (fields['way'] === undefined) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !inMessage.has(name)));
}
