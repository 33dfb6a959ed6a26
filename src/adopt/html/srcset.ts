import { withoutEnd } from '../../without-end';

/**
 * The URLs of a srcset mapped, all else kept (HTML, "Parsing a srcset attribute"): candidates begin behind spaces and
 * commas, and end at a space, or at the commas that end it.
 */
export function fixedSrcset(value: string, fixed: (url: string) => string): string {
  let out = '';
  let i = 0;
  while (i < value.length) {
    const skipped = at(before, value, i);
    i += skipped.length;
    const found = at(word, value, i);
    const url = withoutEnd(found, ',');
    out += skipped + (url === '' ? '' : fixed(url)) + found.slice(url.length);
    i += found.length;
    if (url.length < found.length) continue;
    // The descriptors: a comma within parentheses does not end them.
    const end = endOfDescriptors(value, i);
    out += value.slice(i, end);
    i = end;
  }
  return out;
}

const before = /[\t\n\f\r ,]*/y;
const word = /[^\t\n\f\r ]*/y;

function at(pattern: RegExp, value: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(value)?.[0] ?? '';
}

function endOfDescriptors(value: string, from: number): number {
  let inside = false;
  for (let i = from; i < value.length; i++) {
    const character = value[i];
    if (inside) inside = character !== ')';
    else if (character === '(') inside = true;
    else if (character === ',') return i;
  }
  return value.length;
}
