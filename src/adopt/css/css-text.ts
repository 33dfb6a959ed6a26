/** A CSS escape (CSS Syntax §4.3.7): up to six hexadecimal digits and a space, or one character. */
const escape = /\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\n\r\f])?|\r\n|([^]))/gi;

/**
 * What a string or a url() means, escapes undone; those of characters beyond a byte stay, for the charset is not known.
 * @param text a character a byte
 */
export function unescapedCss(text: string): string | null {
  let beyond = 0;
  const meant = text.replace(escape, (_, hex: string | undefined, character: string | undefined) => {
    if (hex === undefined) return (character ?? '').replace(/[\n\f]/, '');
    const code = parseInt(hex, 16);
    if (code === 0 || code >= 0x80) beyond++;
    return String.fromCharCode(code & 0x7f);
  });
  return beyond === 0 ? meant : null;
}

/**
 * @param quote the byte of the quotes around it; 0 for a bare url(...)
 */
export function escapedCss(text: string, quote: number): string {
  const special = quote === 0 ? /[\0-\x20"'()\\\x7f]/g : quote === 0x22 ? /[\n\r\f\\"]/g : /[\n\r\f\\']/g;
  return text.replace(special, (character) => `\\${character.charCodeAt(0).toString(16)} `);
}
