import type { PublicOrigin } from '../headers/forwarded';
import { isSamePlace } from '../headers/origin';

/**
 * Whether a page at an origin may open a websocket. Browsers send cookies along with it whichever page asks, and tools
 * seldom look (RFC 6455 §10.2: cross-site websocket hijacking). Programs that are not browsers send no Origin.
 *
 * @param origin the field's value; undefined where there is none
 * @param served the address that people see
 * @param more origins that may as well, in lower case
 */
export function mayOpenWebsocket(
  origin: string | undefined,
  served: PublicOrigin,
  more: readonly string[] | 'any' = [],
): boolean {
  if (origin === undefined || more === 'any') return true;
  return more.includes(origin.toLowerCase()) || isSamePlace(origin, served);
}
