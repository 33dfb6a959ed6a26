/** One character of a name. */
type One = (character: string) => boolean;

/**
 * Whether names match a pattern of glob(3) for one segment of a path, as nginx's `include` has it: `*`, `?`, `[a-z]`.
 * Each run of `*` takes as little as what stands behind it lets it, so that no pattern takes more than the product of
 * both lengths.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const pieces = piecesOf(Array.from(pattern));
  const first = pieces[0] ?? [];
  const last = pieces.at(-1) ?? [];
  return (name) => {
    const characters = Array.from(name);
    const matchesAt = (piece: readonly One[], at: number) =>
      at + piece.length <= characters.length && piece.every((one, i) => one(characters[at + i] ?? ''));
    if (!matchesAt(first, 0)) return false;
    if (pieces.length === 1) return characters.length === first.length;
    let at = first.length;
    for (const piece of pieces.slice(1, -1)) {
      while (at < characters.length && !matchesAt(piece, at)) at++;
      at += piece.length;
    }
    const end = characters.length - last.length;
    return end >= at && matchesAt(last, end);
  };
}

/** What stands between the `*`. */
function piecesOf(pattern: readonly string[]): One[][] {
  const pieces: One[][] = [[]];
  // The last `]`: before it none is looked for in vain.
  const closing = pattern.lastIndexOf(']');
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? '';
    if (character === '*') {
      pieces.push([]);
      continue;
    }
    const end = character === '[' && i < closing ? endOfSet(pattern, i) : -1;
    if (end !== -1) {
      pieces.at(-1)?.push(setOf(pattern.slice(i + 1, end)));
      i = end;
    } else pieces.at(-1)?.push(character === '?' ? () => true : (one) => one === character);
  }
  return pieces;
}

/** @returns where the `]` of a set is that has something in it, or -1 */
function endOfSet(pattern: readonly string[], start: number): number {
  const from = start + (pattern[start + 1] === '!' ? 2 : 1);
  return pattern[from] === ']' ? -1 : pattern.indexOf(']', from);
}

function setOf(set: readonly string[]): One {
  const isNot = set[0] === '!';
  const ranges: (readonly [string, string])[] = [];
  for (let i = isNot ? 1 : 0; i < set.length; i++) {
    const from = set[i] ?? '';
    const isRange = set[i + 1] === '-' && i + 2 < set.length;
    ranges.push([from, isRange ? (set[i + 2] ?? '') : from]);
    if (isRange) i += 2;
  }
  // A range that runs backwards matches nothing, as with glob(3).
  return (one) => ranges.some(([from, to]) => from <= one && one <= to) !== isNot;
}
