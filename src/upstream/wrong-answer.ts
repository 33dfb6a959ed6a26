import type { IncomingMessage } from 'node:http';
import type { RawHeaders } from '../headers/raw';
import { AnswerError } from '../relay/answer-error';

/** Node reads so many names and values of an answer's head and drops the rest without a word. */
const mostHeadEntries = 2_000;

/** What makes an answer one that must not be passed on; null when nothing does. */
export function wrongWith(
  answer: IncomingMessage,
  websocketAsked: boolean,
): AnswerError | 'UPSTREAM_HEAD_TOO_LARGE' | null {
  const raw: RawHeaders = answer.rawHeaders;
  if (raw.length >= mostHeadEntries) return 'UPSTREAM_HEAD_TOO_LARGE';
  // Node's parser reads the head of an HTTP/2.0 that there never was.
  if (answer.httpVersion !== '1.1' && answer.httpVersion !== '1.0') return new AnswerError('a version other than 1.x');
  if (answer.statusCode !== 101) return null;
  return websocketAsked && answer.headers.upgrade?.toLowerCase() === 'websocket' ? null : unaskedSwitch();
}

/** A 101 that nobody asked for, or that switches to something else. */
export const unaskedSwitch = () => new AnswerError('a switch of protocols that was not asked for');
