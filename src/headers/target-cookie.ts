/** The gateway's own cookie, by which a browser stays with one of several targets. No tool gets to see it. */
export const targetCookie = 'kpow_gateway_target';

/**
 * Takes the gateway's own cookie out of a Cookie field.
 * @returns null where nothing else is in it
 */
export function withoutTargetCookie(value: string): string | null {
  if (!value.includes(targetCookie)) return value;
  const others = value.split(';').filter((pair) => pair.split('=', 1)[0]?.trim() !== targetCookie);
  return others.length === 0 ? null : others.join(';').trimStart();
}
