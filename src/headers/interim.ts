import { STATUS_CODES } from 'node:http';
import type { AnswerContext } from './location';
import { fieldText, type RawHeaders } from './raw';
import { inboundFields } from './response';

/** How many interim answers of one request are passed on: they are not held back by a client that does not read. */
export const mostInterim = 20;

/** Bytes of the fields of one. */
const mostBytes = 8 * 1024;

/** An interim answer has no body (RFC 9110 §15.2), whatever it says; the others end here in any case. */
const framing = new Set(['content-length', 'trailer']);

/**
 * A tool's interim answer as the client gets it. A proxy passes all of them on (RFC 9110 §15.2) but for 101, which is
 * none, and 100 where the client does not wait for it: it could only throw that away (§15.2.1), and Node's `fetch` takes
 * it for a broken answer. The caller tells these two.
 * @param raw its fields
 * @returns its bytes, latin1; '' for one that is not passed on for its size
 */
export function interimText(status: number, raw: RawHeaders, context: AnswerContext): string {
  const passed = inboundFields(raw, context, []);
  const fields = fieldText(passed.filter((_, i) => !framing.has(passed[i - (i % 2)]?.toLowerCase() ?? '')));
  return fields.length > mostBytes ? '' : `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${fields}\r\n`;
}
