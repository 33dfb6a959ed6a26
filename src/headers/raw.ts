/**
 * Header fields as they stood on the wire: `[name, value, name, value, ...]`, with order, case and duplicates kept
 * (the shape of Node's `message.rawHeaders`). Every function of this folder is pure and leaves its arguments alone.
 */
export type RawHeaders = readonly string[];

/** All values of a field, in order. @param name lower case */
export function valuesOf(raw: RawHeaders, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const field = raw[i] ?? '';
    // Most names are of another length, which costs less to see than their letters.
    if (field.length === name.length && field.toLowerCase() === name) values.push(raw[i + 1] ?? '');
  }
  return values;
}

/** Whether there is such a field. @param name lower case */
export function hasField(raw: RawHeaders, name: string): boolean {
  return raw.some((field, i) => i % 2 === 0 && field.length === name.length && field.toLowerCase() === name);
}

/** A field's name with `-` for `_`: CGI, WSGI and whoever follows them take the two for the same. */
export function dashed(name: string): string {
  return name.includes('_') ? name.replaceAll('_', '-') : name;
}

/** The names of all fields, in order and lower case. */
export function fieldNames(raw: RawHeaders): string[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? name.toLowerCase() : []));
}

/** The fields as lines of a head, without their line ends. */
export function fieldLines(raw: RawHeaders): string[] {
  const lines: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) lines.push(`${raw[i] ?? ''}: ${raw[i + 1] ?? ''}`);
  return lines;
}

/** The fields as the lines of a head, each with its CRLF. */
export function fieldText(raw: RawHeaders): string {
  let text = '';
  for (let i = 0; i + 1 < raw.length; i += 2) text += `${raw[i] ?? ''}: ${raw[i + 1] ?? ''}\r\n`;
  return text;
}

/** The members of a comma-separated field (RFC 9110 §5.6.1), over all its lines; for fields without quoted strings. */
export function listOf(raw: RawHeaders, name: string): string[] {
  const values = valuesOf(raw, name);
  if (values.length === 0) return values;
  return values
    .join(',')
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}
