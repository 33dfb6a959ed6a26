import { decodeHTMLAttribute } from 'entities';

/** Stands for the `&` of a reference that is left as it is. */
const kept = '\x7f';

/** A reference, or what looks like one: names of more letters there are none of. */
const reference = /&(?:#x?[0-9a-f]{1,20};?|[a-z][a-z0-9]{0,31};?)?/gi;

/**
 * The text of an attribute's value with the character references undone that mean an ASCII character; others are not
 * part of what URLs are told by.
 * @param value a character a byte, whatever the page's charset
 * @returns null for one that cannot be told
 */
export function attributeText(value: string): string | null {
  if (value.includes(kept)) return null;
  if (!value.includes('&')) return value;
  return value.replace(reference, (said, offset: number) => {
    // `&copy=1` is none in an attribute: what follows decides (HTML §13.2.5.73).
    const next = said.endsWith(';') ? '' : value.charAt(offset + said.length);
    const meant = decodeHTMLAttribute(said + next);
    const character = meant.endsWith(next) ? meant.slice(0, meant.length - next.length) : meant;
    return said !== '&' && /^[\0-\x7e]$/.test(character) ? character : kept + said.slice(1);
  });
}

/**
 * The same text as a value again.
 * @param quote the byte of the quotes around it; 0 for none, where it gets some if it needs them
 */
export function attributeValue(text: string, quote: number): string {
  const escaped = text.replace(/&/g, '&amp;').replaceAll(kept, '&');
  if (quote === 0x22) return escaped.replace(/"/g, '&quot;');
  if (quote === 0x27) return escaped.replace(/'/g, '&#39;');
  return /^[^\s"'=<>`]+$/.test(escaped) ? escaped : `"${escaped.replace(/"/g, '&quot;')}"`;
}
