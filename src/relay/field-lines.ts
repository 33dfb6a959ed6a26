import type { RawHeaders } from '../headers/raw';

/**
 * Whole field lines (RFC 9112 §5), of names that are tokens (RFC 9110 §5.6.2) and values without control bytes but tabs
 * (§5.5). What a lenient reader could take for something else is none: a blank before the colon, a folded line, a bare
 * CR or LF. Every alternative is told by its first byte, so that the time is linear in the length.
 */
const shapes = {
  one: /^(?:[\w!#$%&'*+.^`|~-]+: (?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?\r\n)*$/,
  any: /^(?:[\w!#$%&'*+.^`|~-]+:[\t -~\x80-\xff]*\r\n)*$/,
};

/** Content-Length's value: digits, no more than a number counts without loss. */
export const lengthDigits = /^[0-9]{1,15}$/;

/** What lines look like of which some have not arrived. */
const cleanSoFar = /^(?:[\t\x20-\x7e\x80-\xff]+\r\n)*[\t\x20-\x7e\x80-\xff]*\r?$/;

/**
 * Whether there is reason to wait for the rest of these lines; where there is none, nobody should wait for an end that
 * may never come.
 */
export function maybeFieldLines(text: string): boolean {
  return cleanSoFar.test(text);
}

/** The highest of the bytes that are blank: in a clean line, the only other one up to it is the tab. */
const space = 0x20;

/**
 * Whether these are whole field lines.
 * @param lines latin1; each line with its CRLF, without the empty one that ends a head
 * @param blanks what may stand around a value: `one` blank before it, as nearly everybody writes it, or `any`
 */
export function areFieldLines(lines: string, blanks: 'one' | 'any'): boolean {
  return shapes[blanks].test(lines);
}

/** The value of a line, without the blanks around it. @param colon where its colon stands @param end where its CR does */
export function valueOfLine(lines: string, colon: number, end: number): string {
  let from = colon + 1;
  let to = end;
  while (from < to && lines.charCodeAt(from) <= space) from++;
  while (to > from && lines.charCodeAt(to - 1) <= space) to--;
  return lines.slice(from, to);
}

/** Splits field lines. @returns null for what are none; see `areFieldLines` */
export function readFieldLines(lines: string, blanks: 'one' | 'any'): RawHeaders | null {
  if (!areFieldLines(lines, blanks)) return null;
  const raw: string[] = [];
  for (let at = 0; at < lines.length;) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r', colon);
    raw.push(lines.slice(at, colon), valueOfLine(lines, colon, end));
    at = end + 2;
  }
  return raw;
}

/**
 * Finds those of a few fields among many: nearly every name is passed over for its length or its first letter.
 * @param names lower case, each of a length of its own
 * @returns a function of a name in any case: which of `names` it is, or undefined
 */
export function fieldFinder<Name extends string>(names: readonly Name[]): (name: string) => Name | undefined {
  const byLength: (Name | undefined)[] = [];
  for (const name of names) {
    if (byLength[name.length] !== undefined) throw new RangeError(`${name} is as long as another name`);
    byLength[name.length] = name;
  }
  return (name) => {
    const candidate = byLength[name.length];
    if (candidate === undefined || (name.charCodeAt(0) | 0x20) !== candidate.charCodeAt(0)) return undefined;
    return name.toLowerCase() === candidate ? candidate : undefined;
  };
}
