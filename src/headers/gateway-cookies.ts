/** How the names of the gateway's own cookies begin. No tool gets to see one. */
export const gatewayCookies = 'kpow_gateway_';

/** The cookie by which a browser stays with one of several targets. */
export const targetCookie = `${gatewayCookies}target`;

/**
 * Takes the gateway's own cookies out of a Cookie field.
 * @returns null where nothing else is in it
 */
export function withoutGatewayCookies(value: string): string | null {
  if (!value.includes(gatewayCookies)) return value;
  const others = value.split(';').filter((pair) => !pair.trimStart().startsWith(gatewayCookies));
  return others.length === 0 ? null : others.join(';').trimStart();
}

/** The names of the cookies in Cookie fields. @param values of those fields */
export function cookieNames(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(';').map((pair) => (pair.split('=', 1)[0] ?? '').trim()));
}
