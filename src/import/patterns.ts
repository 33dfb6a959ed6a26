/** What can be told of the pattern of a `location ~` without running it. */

interface Beginning {
  readonly literal: string;
  /** What of the pattern follows it. */
  readonly rest: string;
}

/** The plain characters from `start` on. */
function plainFrom(pattern: string, start: number): Beginning {
  let literal = '';
  let at = start;
  for (; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (/[.^$*+?()[\]{}|]/.test(character)) break;
    if (character !== '\\') literal += character;
    else if (/\w/.test(pattern.charAt(at + 1))) break;
    else literal += pattern.charAt(++at);
  }
  // The last character may be missing.
  return /[?*{]/.test(pattern.charAt(at))
    ? { literal: literal.slice(0, -1), rest: pattern.slice(at - 1) }
    : { literal, rest: pattern.slice(at) };
}

/** Whether an alternative stands beside the whole pattern, and not within parentheses. */
function hasAlternative(pattern: string): boolean {
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\') at++;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '|' && depth <= 0) return true;
  }
  return false;
}

/** Whether a pattern may fit a path in a mount. Without certainty it may. */
export function mayFit(pattern: string, insensitive: boolean, mount: string): boolean {
  if (!pattern.startsWith('^') || pattern.startsWith('^(?') || hasAlternative(pattern)) return true;
  const { literal } = plainFrom(pattern, 1);
  const [begin, path] = insensitive ? [literal.toLowerCase(), mount.toLowerCase()] : [literal, mount];
  const below = path === '/' ? '/' : `${path}/`;
  return begin.startsWith(below) || below.startsWith(begin) || begin === path;
}

/** Ends of a pattern behind which a segment is over. */
const ends = new Set(['$', '(/|$)', '(?:/|$)', '(/.*)?$', '(?:/.*)?$', '/?$', '(/|$)(.*)', '(?:/|$)(.*)']);
const below = new Set(['', '$', '.*', '.*$', '(.*)', '(.*)$']);

/** The paths that a pattern such as `^/(a|b)(/|$)` stands for, each with all below it; null where it is not that plain. */
export function pathsOf(pattern: string): string[] | null {
  if (!pattern.startsWith('^') || hasAlternative(pattern)) return null;
  const { literal, rest } = plainFrom(pattern, 1);
  if (!literal.startsWith('/')) return null;
  const isOver = (text: string, slash: boolean) => ends.has(text) || (slash && below.has(text));
  const [whole = '', inside] = /^\((?:\?:)?([^()]*)\)/.exec(rest) ?? [];
  const tail = rest.slice(whole.length);
  if (inside === undefined || isOver(rest, literal.endsWith('/'))) {
    const path = literal.replace(/\/$/, '');
    return path !== '' && isOver(rest, literal.endsWith('/')) ? [path] : null;
  }
  if (!isOver(tail, false) && !(tail.startsWith('/') && below.has(tail.slice(1)))) return null;
  const names = inside.split('|').map((text) => plainFrom(text, 0));
  if (names.some((name) => name.rest !== '' || name.literal === '')) return null;
  return names.map((name) => (literal + name.literal).replace(/\/$/, ''));
}
