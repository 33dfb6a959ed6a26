/**
 * Puts a cookie's Path under the mount, so that two tools which both set `JSESSIONID` at `/` keep apart.
 * Every other attribute stays as it is, letter for letter (RFC 6265 §4.1).
 * @param value a whole Set-Cookie value
 * @param toPublic maps a path as the tool sees it to the public one; called only with an absolute path
 */
export function fixCookiePath(value: string, toPublic: (path: string) => string): string {
  // Browsers accept a __Host- cookie only with Path=/, so a changed one would be lost (RFC 6265bis §4.1.3.2).
  if (/^\s*__Host-/i.test(value)) return value;
  const [pair = '', ...attributes] = value.split(';');
  return [pair, ...attributes.map((attribute) => fixAttribute(attribute, toPublic))].join(';');
}

function fixAttribute(attribute: string, toPublic: (path: string) => string): string {
  const match = /^(\s*path\s*=\s*)(\/.*)$/is.exec(attribute);
  if (match?.[2] === undefined) return attribute;
  const path = match[2].trimEnd();
  return `${match[1] ?? ''}${toPublic(path)}${match[2].slice(path.length)}`;
}
