import { AnswerError } from '../relay/answer-error';

/** Why nobody can tell for certain where an answer ends (RFC 9112 §6.1, §6.3). */
const flaws = {
  'chunked twice': '`Transfer-Encoding: chunked` stands in its head more than once',
  'another coding': '`Transfer-Encoding` in its head names a coding other than chunked, which nobody asked for',
  'length and chunks': 'its head has both `Content-Length` and `Transfer-Encoding`',
  'two lengths': '`Content-Length` stands in its head more than once, with different numbers',
  'no number': '`Content-Length` in its head is not a number',
} as const;

export type FramingFlaw = keyof typeof flaws;

/** An answer whose head is readable, but not where its body ends. */
export class FramingError extends AnswerError {
  override readonly code = 'ERR_HTTP_INVALID_FRAMING';

  constructor(readonly flaw: FramingFlaw) {
    super(flaws[flaw]);
  }
}

const digits = /^[0-9]+$/;
/** Its names and values can have no line end in them. */
const framingLines = /\r\n(content-length|transfer-encoding):([^\r\n]*)/gi;

function membersOf(value: string): string[] {
  return value.split(',').map((member) => member.trim().toLowerCase());
}

/**
 * The flaw in what an answer says of its length; null for none. The same length several times is none (RFC 9110 §8.6).
 * @param codings and lengths: the members of Transfer-Encoding and Content-Length, over all their lines
 */
function flawIn(codings: readonly string[], lengths: readonly string[]): FramingFlaw | null {
  if (codings.some((coding) => coding !== 'chunked')) return 'another coding';
  if (codings.length > 1) return 'chunked twice';
  if (codings.length === 1) return lengths.length > 0 ? 'length and chunks' : null;
  if (lengths.some((length) => !digits.test(length))) return 'no number';
  return lengths.some((length) => length !== lengths[0]) ? 'two lengths' : null;
}

/**
 * An answer's head with one Content-Length where it had the same one several times, as lines or in a list: a recipient
 * has to refuse such an answer or to make one of them (RFC 9110 §8.6), and many readers refuse it.
 * @param head latin1, with its status line and the empty line at its end
 * @returns a FramingError for what can be understood in two ways
 */
export function withOneLength(head: string): string | FramingError {
  const lines = [...head.matchAll(framingLines)];
  const of = (name: string) =>
    lines.filter(([, field]) => field?.toLowerCase() === name).flatMap(([, , value = '']) => membersOf(value));
  const lengths = of('content-length');
  const flaw = flawIn(of('transfer-encoding'), lengths);
  if (flaw) return new FramingError(flaw);
  if (lengths.length < 2) return head;
  let isFirst = true;
  return head.replace(framingLines, (_, name: string) => {
    const line = isFirst ? `\r\n${name}: ${lengths[0] ?? ''}` : '';
    isFirst = false;
    return line;
  });
}
