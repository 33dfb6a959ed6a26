/** What nearly every text consists of. */
const plain = /^[\x20-\x7e]*$/;

/**
 * Text with every control and formatting character written out (`\u001b`), so that it can neither move a terminal's
 * cursor, break a line, nor turn the direction of writing.
 */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i))}`).join(''),
  );
}

/** JSON for people and programs: the same characters are escapes in it, which `JSON.parse` reads as what they were. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split('\n').map(printable).join('\n');
}

const hex = (unit: number) => unit.toString(16).padStart(4, '0');

/** The same for every string and key in what `JSON.parse` returned. */
export function printableDeep(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printableDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [printable(key), printableDeep(inner)]));
}
