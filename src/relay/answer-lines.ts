import { framedFields } from '../headers/answer-framing';
import type { AnswerContext } from '../headers/location';
import { fieldText, type RawHeaders } from '../headers/raw';
import { inboundFields } from '../headers/response';
import type { AnswerHead } from './answer-head';

/**
 * The field lines of the answer to the client, each with its CRLF: what `inboundFields` makes of an answer's fields,
 * without taking those apart that are passed on as they are, which are most of them.
 * @param own fields of the gateway
 * @param chunked whether the client gets the body in chunks
 */
export function inboundLines(head: AnswerHead, context: AnswerContext, own: RawHeaders, chunked: boolean): string {
  const { lines, special } = head;
  if (special === null) return fieldText(framedFields(inboundFields(head.raw, context, own), head.status, chunked));
  let out = '';
  let at = 0;
  for (const { start, end, name, value, fate } of special) {
    if (fate === 'passes') continue;
    out += lines.slice(at, start);
    if (fate !== 'ends') out += `${name}: ${fate(value, context)}\r\n`;
    at = end;
  }
  return out + lines.slice(at) + fieldText(own);
}
