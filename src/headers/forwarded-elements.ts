/** One element of a Forwarded field (RFC 7239 §4): its parameters by their names in lower case. */
export type ForwardedElement = ReadonlyMap<string, string>;

/** What a line says that cannot be read: somebody asked, and nobody knows who (RFC 7239 §6.2). */
const unreadable: ForwardedElement = new Map([['for', 'unknown']]);

const blanks = /[\t ]*/y;
const token = /[\w!#$%&'*+.^`|~-]+/y;
/** A quoted string, or whatever ends with the pair: many write addresses and ports without quotes. */
const value = /"((?:[^"\\]|\\.)*)"|[^\t ",;]*/y;

/**
 * The elements of Forwarded fields, from the client's end to ours. A line that is not well-formed is one element of
 * which nothing is known: an open quote of the client's could otherwise swallow what a proxy has added to the line.
 * @param lines the values of the fields, in order
 */
export function readElements(lines: readonly string[]): ForwardedElement[] {
  return lines.flatMap((line) => elementsOf(line) ?? [unreadable]);
}

function elementsOf(line: string): ForwardedElement[] | null {
  const elements: ForwardedElement[] = [];
  let element = new Map<string, string>();
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match) at += match[0].length;
    return match;
  };
  const endElement = (): void => {
    if (element.size > 0) elements.push(element);
    element = new Map();
  };
  while (at < line.length) {
    take(blanks);
    const name = take(token)?.[0].toLowerCase();
    if (name !== undefined) {
      take(blanks);
      // Each parameter stands once (RFC 7239 §4).
      if (line[at++] !== '=' || element.has(name)) return null;
      take(blanks);
      const [text = '', quoted] = take(value) ?? [];
      element.set(name, quoted?.replace(/\\(.)/g, '$1') ?? text);
      take(blanks);
    }
    const separator = line[at++];
    if (separator === ',') endElement();
    else if (separator !== ';' && separator !== undefined) return null;
  }
  endElement();
  return elements;
}
