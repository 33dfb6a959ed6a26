import { framedFields } from '../headers/answer-framing';
import type { AnswerContext } from '../headers/location';
import { fieldText } from '../headers/raw';
import { inboundFields } from '../headers/response';
import { linesWith, type AnswerHead, type SpecialLine } from './answer-head';

/**
 * The field lines of the answer to the client, each with its CRLF: what `inboundFields` makes of an answer's fields,
 * without taking those apart that are passed on as they are, which are most of them.
 * @param chunked whether the client gets the body in chunks
 */
export function inboundLines(head: AnswerHead, context: AnswerContext, chunked: boolean): string {
  const { lines, special } = head;
  if (special === null) return fieldText(framedFields(inboundFields(head.raw, context, []), head.status, chunked));
  return linesWith(lines, special, (line) => fixed(line, context));
}

function fixed({ name, value, fate }: SpecialLine, context: AnswerContext): string {
  const passed = typeof fate === 'string' ? null : fate(value, context);
  return passed === null ? '' : `${name}: ${passed}\r\n`;
}
