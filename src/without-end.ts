/**
 * A text without the characters that it ends in, in one look at each of them. The pattern `/x+$/` looks at a run of `x` in
 * the middle of a text once for every `x` of it, which is quadratic.
 * @param characters each of which may stand there any number of times
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
