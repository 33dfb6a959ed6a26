/** How the names of the gateway's own cookies begin. No tool gets to see one, or to set one. */
export const gatewayCookies = 'kpow_gateway_';

/** The cookie by which a browser stays with one of several targets. */
export const targetCookie = `${gatewayCookies}target`;

/**
 * In any case, with the prefixes that browsers heed (RFC 6265bis §4.1.3), and behind a `=`: a cookie without a name comes
 * back as its value alone, which then looks like one with a name (§5.6, §5.8.3).
 */
const ours = new RegExp(`^[\\s=]*(?:__(?:host|secure|http|host-http)-)?${gatewayCookies}`, 'i');

const anywhere = new RegExp(gatewayCookies, 'i');

/** Whether a name that is kept for the gateway's cookies stands there. @param pair `name=value`, as in Cookie and Set-Cookie */
export function isGatewayCookie(pair: string): boolean {
  return ours.test(pair);
}

/**
 * Takes the gateway's own cookies out of a Cookie field.
 * @returns null where nothing else is in it
 */
export function withoutGatewayCookies(value: string): string | null {
  if (!anywhere.test(value)) return value;
  const others = value.split(';').filter((pair) => !isGatewayCookie(pair));
  return others.length === 0 ? null : others.join(';').trimStart();
}

/** The names of the cookies in Cookie fields. @param values of those fields */
export function cookieNames(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(';').map((pair) => (pair.split('=', 1)[0] ?? '').trim()));
}
