import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { framedFields, hasBody, soundReason } from '../headers/answer-framing';
import { passedTrailers } from '../headers/trailers';
import { ProxyError } from '../upstream/proxy-error';

export interface AnswerOptions {
  /** Of the request. */
  readonly method: string;
  readonly http10: boolean;
  /** Milliseconds that the body may be silent; 0 is no limit. */
  readonly idle: number;
  /** What the body goes through, in order; null where it stays as it is. */
  readonly through: readonly Transform[] | null;
  counted(bytes: number): void;
  /** The answer cannot be passed on, or broke off. */
  failed(error: unknown): void;
  /** The whole answer has been handed to the client's connection. */
  sent(): void;
}

/** Written, it sends the head alone. Node's `flushHeaders` does so too, but in UTF-8: bytes above 0x7f become others. */
export const noBytes = Buffer.alloc(0);

/**
 * Passes an answer on as it comes in, with backpressure. Node frames it for the client: by its Content-Length where the
 * body stays as it is, else chunked, else (HTTP/1.0) by the end of the connection.
 * @param fields the answer's fields for the client, without hop-by-hop ones
 */
export function sendAnswer(
  answer: IncomingMessage,
  res: ServerResponse,
  fields: string[],
  options: AnswerOptions,
): void {
  const status = answer.statusCode ?? 502;
  const hasLength = !options.through && answer.headers['content-length'] !== undefined;
  const chunked = !options.http10 && hasBody(options.method, status) && !hasLength;
  const timer = options.idle > 0 ? setTimeout(silent, options.idle) : null;
  // What has arrived may still have to go through the stages, and to a client that is slow.
  for (const end of ['finish', 'close']) {
    res.once(end, () => {
      if (timer) clearTimeout(timer);
    });
  }
  let headIsOut = false;
  let broke = false;
  answer.on('error', failed);
  answer.once('close', () => {
    if (!answer.complete) failed(new Error('the answer broke off'));
  });
  try {
    res.writeHead(status, soundReason(answer.statusMessage ?? ''), framedFields(fields, status, chunked));
  } catch (error) {
    answer.destroy();
    options.failed(error);
    return;
  }
  res.once('finish', () => options.sent());
  // A head whose body is yet to come goes out at once: the first event of a stream may be minutes away.
  setImmediate(() => {
    if (!res.writableEnded && !res.destroyed) res.write(noBytes);
    headIsOut = true;
  });
  if (timer) answer.on('data', () => timer.refresh());
  const body = passedThrough(answer, options.through ?? [], res, (error) => {
    // Nobody reads the rest, and its connection is no good any more.
    answer.destroy();
    failed(error);
  });
  body.on('data', (bytes: Buffer) => {
    timer?.refresh();
    options.counted(bytes.length);
  });
  body.pipe(res, { end: false });
  body.once('end', () => {
    if (!answer.complete || res.destroyed || broke) return;
    try {
      const trailers = passedTrailers(answer.rawTrailers, answer.rawHeaders, () => false);
      if (chunked && trailers.length > 0) res.addTrailers(trailers);
      res.end();
    } catch (error) {
      failed(error);
    }
  });

  function silent(): void {
    // A client that does not read holds the answer up itself, and so does one whose answer before this one goes on.
    const { socket } = res;
    if (!socket || socket.writableNeedDrain || (answer.complete && socket.writableLength > 0)) timer?.refresh();
    else if (answer.complete) failed(new ProxyError('INTERNAL', null, new Error('a body has got stuck')));
    else answer.destroy(new ProxyError('UPSTREAM_IDLE_TIMEOUT'));
  }

  /** Upon a connection that ends without a head browsers ask again, whatever the method: so it goes out before that. */
  function failed(error: unknown): void {
    broke = true;
    if (headIsOut) options.failed(error);
    else setImmediate(() => options.failed(error));
  }
}

/** Their streams hold memory of their own, which is given back as soon as the client has all, or has left. */
function passedThrough(
  answer: Readable,
  stages: readonly Transform[],
  res: ServerResponse,
  failed: (error: unknown) => void,
): Readable {
  if (stages.length === 0) return answer;
  res.once('close', () => {
    for (const stage of stages) stage.destroy();
  });
  return stages.reduce<Readable>((before, stage) => {
    stage.on('error', (error) => {
      failed(error instanceof ProxyError ? error : new ProxyError('UPSTREAM_BAD_ANSWER', null, error));
    });
    return before.pipe(stage);
  }, answer);
}
