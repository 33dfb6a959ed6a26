import type { IncomingMessage, ServerResponse } from 'node:http';
import { endsHere } from '../headers/hop-by-hop';
import { ProxyError } from '../upstream/proxy-error';

export interface AnswerOptions {
  /** Of the request. */
  readonly method: string;
  readonly http10: boolean;
  /** Milliseconds that the body may be silent; 0 is no limit. */
  readonly idle: number;
  counted(bytes: number): void;
  /** The answer cannot be passed on, or broke off. */
  failed(error: unknown): void;
  /** The whole answer has been handed to the client's connection. */
  sent(): void;
}

/** Answers without a body, whatever their fields say (RFC 9112 §6.3). */
function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/**
 * Passes an answer on as it comes in, with backpressure. Node frames it for the client: by its Content-Length, else
 * chunked, else (HTTP/1.0) by the end of the connection.
 * @param fields the answer's fields for the client, without hop-by-hop ones
 */
export function sendAnswer(
  answer: IncomingMessage,
  res: ServerResponse,
  fields: string[],
  options: AnswerOptions,
): void {
  const status = answer.statusCode ?? 502;
  const chunked = !options.http10 && hasBody(options.method, status) && answer.headers['content-length'] === undefined;
  const timer = options.idle > 0 ? setTimeout(silent, options.idle) : null;
  answer.on('error', (error) => options.failed(error));
  answer.once('close', () => {
    if (timer) clearTimeout(timer);
    if (!answer.complete) options.failed(new Error('the answer broke off'));
  });
  try {
    res.writeHead(status, reasonOf(answer), sendable(fields, status, chunked));
  } catch (error) {
    answer.destroy();
    options.failed(error);
    return;
  }
  res.once('finish', () => options.sent());
  // A head whose body is yet to come goes out at once: the first event of a stream may be minutes away.
  setImmediate(() => {
    if (!res.writableEnded && !res.destroyed) res.flushHeaders();
  });
  answer.on('data', (bytes: Buffer) => {
    timer?.refresh();
    options.counted(bytes.length);
  });
  answer.pipe(res, { end: false });
  answer.once('end', () => {
    if (!answer.complete || res.destroyed) return;
    const trailers = trailersOf(answer, () => false);
    if (chunked && trailers.length > 0) res.addTrailers(trailers);
    res.end();
  });

  function silent(): void {
    // A client that does not read holds the answer up itself.
    if (res.writableNeedDrain) timer?.refresh();
    else answer.destroy(new ProxyError('UPSTREAM_IDLE_TIMEOUT'));
  }
}

/** The reason phrase, which is nothing but decoration: one with bytes that it may not have (RFC 9112 §4) is left out. */
export function reasonOf({ statusMessage = '' }: IncomingMessage): string {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(statusMessage) ? statusMessage : '';
}

/** Node refuses to announce trailers that it cannot send; a 204 has no length (RFC 9110 §8.6). */
function sendable(fields: string[], status: number, chunked: boolean): string[] {
  if (chunked) return fields;
  return fields.filter((_, i) => {
    const name = fields[i - (i % 2)]?.toLowerCase();
    return name !== 'trailer' && !(status === 204 && name === 'content-length');
  });
}

/** Fields that frame or route a message mean nothing after it, and must not be smuggled in there (RFC 9110 §6.5.1). */
const neverTrailers = new Set(['content-length', 'host', 'trailer', 'authorization', 'cookie', 'set-cookie']);

/** The trailer fields of a message that was read to its end, less those that may not be passed on. */
export function trailersOf(message: IncomingMessage, dropped: (name: string) => boolean): [string, string][] {
  const raw = message.rawTrailers;
  if (raw.length === 0) return [];
  const ends = endsHere(message.rawHeaders);
  const trailers: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    if (!ends(name) && !neverTrailers.has(name) && !dropped(name)) trailers.push([raw[i] ?? '', raw[i + 1] ?? '']);
  }
  return trailers;
}
