import { isDeepStrictEqual } from 'node:util';
import { readAnswerHead, type AnswerHead } from '../../src/relay/answer-head';
import { ChunkError, ChunkFollower } from '../../src/relay/chunk-follower';
import { readRequestFields, readRequestLine } from '../../src/relay/request-head';
import { fieldLines, type RawHeaders } from '../../src/headers/raw';
import { readAnswers, readRequests, type Message, type Reading } from './node-parser';

/*
 * What the relay takes, Node's parser has to understand in the same way. Each comparison builds all the bytes of a
 * connection as the relay understands them, with another message behind where one may follow, and lets Node read them:
 * one byte of disagreement, and that other message is not found.
 */

export type Outcome = 'taken' | 'refused' | 'unfinished';

/** The relay and Node's parser understand the same bytes differently. */
export class Difference extends Error {
  constructor(what: string, bytes: string, details: unknown) {
    super(`${what}\nbytes: ${escaped(bytes)}\n${JSON.stringify(details, null, 1)}`);
  }
}

/** As a string literal of ASCII, which a test may take over. */
export function escaped(bytes: string): string {
  const code = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return JSON.stringify(bytes)
    .replace(/\\u00(..)/g, '\\x$1')
    .replace(/[\x7f-\xff]/g, code);
}

const nextRequest = 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n';
const nextAnswer = 'HTTP/1.1 299 Next\r\nContent-Length: 0\r\n\r\n';

/** Bodies longer than this are not made whole. */
const mostBody = 1_000;

const soundReason = /^[\t -~\x80-\xff]*$/;

/** What stands before the first empty line: where the relay cuts. */
function cut(text: string): string {
  const bytes = `${text}\r\n`;
  return bytes.slice(0, bytes.indexOf('\r\n\r\n') + 2);
}

/** @param text a head with its line ends; an empty line comes behind it */
export function compareRequestHead(text: string): Outcome {
  const head = cut(text);
  const line = readRequestLine(head);
  const fields = line && readRequestFields(head.slice(line.end));
  if (!fields) return 'refused';
  const { method, target } = line;
  const { raw, host, keepAlive, websocket } = fields;
  const length = websocket ? 0 : Number(fields.length ?? 0);
  const body = 'x'.repeat(Math.min(length, mostBody));
  const complete = body.length === length;
  const follows = !websocket && complete && keepAlive;
  const bytes = `${head}\r\n${body}${follows ? nextRequest : ''}`;
  const reading = readRequests(Buffer.from(bytes, 'latin1'));
  const expected = { method, target, minor: 1, raw, keepAlive, upgrade: websocket, body };
  expectSame(bytes, reading, websocket ? expected : { ...expected, complete }, follows && '/next');
  const hosts = reading.messages[0]?.raw.filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === 'host');
  if (!isDeepStrictEqual(hosts, [host])) throw new Difference('another host', bytes, { host, hosts });
  return 'taken';
}

/**
 * @param text a head with its line ends; an empty line comes behind it
 * @param toHead whether the request was a HEAD
 */
export function compareAnswerHead(text: string, toHead: boolean): Outcome {
  const head = cut(text);
  const answer = readAnswerHead(head);
  if (!answer) return 'refused';
  const { status, reason, raw, framing, keepAlive } = answer;
  const bodiless = toHead || status < 200 || status === 204 || status === 304;
  const { data, body, complete } = bodiless ? { data: '', body: '', complete: true } : makeBody(framing);
  const follows = complete && keepAlive && status !== 101;
  const bytes = `${head}\r\n${body}${follows ? nextAnswer : ''}`;
  const ends = framing === 'close' && !bodiless;
  if (ends) {
    const open = readAnswers(Buffer.from(bytes, 'latin1'));
    expectSame(bytes, open, { body: data, complete: false }, false);
  }
  const reading = readAnswers(Buffer.from(bytes, 'latin1'), { ends, toHead });
  const expected = { status, raw, body: data };
  expectSame(bytes, reading, status === 101 ? expected : { ...expected, complete }, follows && 299);
  // A reason that may not be passed on is left out.
  const said = reading.messages[0]?.reason ?? '';
  if (reason !== said && (reason !== '' || soundReason.test(said))) throw new Difference('another reason', bytes, said);
  // The relay may give up a connection that Node keeps.
  if (keepAlive && status !== 101 && !reading.messages[0]?.keepAlive)
    throw new Difference('kept by the relay alone', bytes, answer);
  return 'taken';
}

/** @returns a body, the data in it, and whether it is whole once the connection has ended */
function makeBody(framing: AnswerHead['framing']): { data: string; body: string; complete: boolean } {
  if (framing === 'close') return { data: 'abc', body: 'abc', complete: true };
  if (framing === 'chunked') return { data: 'abc', body: '3\r\nabc\r\n0\r\n\r\n', complete: true };
  const data = 'x'.repeat(Math.min(framing, mostBody));
  return { data, body: data, complete: data.length === framing };
}

interface Followed {
  readonly passed: string;
  readonly ended: boolean;
  readonly refused: boolean;
  /** How many bytes belong to the body. */
  readonly end: number;
  readonly dataBytes: number;
  readonly trailers: RawHeaders;
}

/** @param cuts where the bytes are parted, ascending */
export function follow(body: string, cuts: readonly number[]): Followed {
  const follower = new ChunkFollower();
  const bytes = Buffer.from(body, 'latin1');
  let passed = '';
  let start = 0;
  const state = (refused: boolean) => {
    const { ended, dataBytes, trailers } = follower;
    return { passed, ended, refused, end: start, dataBytes, trailers };
  };
  for (const end of [...cuts, bytes.length]) {
    try {
      start = follower.follow(bytes, start, end, (from, to) => (passed += bytes.toString('latin1', from, to)));
    } catch (error) {
      if (error instanceof ChunkError) return state(true);
      throw error;
    }
    if (follower.ended) break;
  }
  return state(false);
}

const chunkedHead = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** @param cuts where the bytes are parted, ascending */
export function compareChunkedBody(body: string, cuts: readonly number[]): Outcome {
  const whole = follow(body, []);
  const parted = follow(body, cuts);
  if (whole.refused || parted.refused) {
    if (whole.refused !== parted.refused) throw new Difference('refused in parts alone', body, { cuts, whole, parted });
  } else if (!isDeepStrictEqual(whole, parted)) throw new Difference('parts differ', body, { cuts, whole, parted });
  const { passed, ended, dataBytes, trailers, end } = parted;
  if (!ended) {
    // What has been passed on by now has to be right as far as it goes.
    const prefix = `${chunkedHead}${passed}`;
    const reading = readAnswers(Buffer.from(prefix, 'latin1'));
    const data = reading.messages[0]?.body ?? '';
    expectSame(prefix, reading, { body: data, complete: false }, false);
    if (!whole.refused && data.length !== dataBytes) throw new Difference('other data', prefix, { parted, reading });
    return whole.refused ? 'refused' : 'unfinished';
  }
  const original = `${chunkedHead}${body.slice(0, end)}${nextAnswer}`;
  const reading = readAnswers(Buffer.from(original, 'latin1'));
  const data = reading.messages[0]?.body ?? '';
  expectSame(original, reading, { body: data, trailers, complete: true }, 299);
  if (data.length !== dataBytes) throw new Difference('other data', original, { parted, reading });
  const section = fieldLines(trailers).map((line) => `${line}\r\n`);
  const rewritten = [chunkedHead, passed, ...section, '\r\n', nextAnswer].join('');
  const again = readAnswers(Buffer.from(rewritten, 'latin1'));
  expectSame(rewritten, again, { body: data, trailers, complete: true }, 299);
  return 'taken';
}

/** @param next target or status of the message behind the first; false where there is none */
function expectSame(bytes: string, reading: Reading, expected: Partial<Message>, next: string | number | false): void {
  const { messages, error, taken } = reading;
  const [message, behind, ...more] = messages;
  const differing = (Object.keys(expected) as (keyof Message)[])
    .filter((key) => !isDeepStrictEqual(message?.[key], expected[key]))
    .map((key) => ({ [key]: expected[key], node: message?.[key] ?? null }));
  const found = next === false ? behind === undefined : behind?.target === next || behind?.status === next;
  const wholly = next === false || taken === bytes.length;
  if (error === null && differing.length === 0 && found && more.length === 0 && wholly) return;
  throw new Difference('Node reads it differently', bytes, {
    differing,
    error,
    taken,
    messages: messages.length,
    next,
  });
}
