import { createHash } from 'node:crypto';
import { gatewayCookies } from '../headers/gateway-cookies';

/** The cookie that says that a browser has opened an adopting mount. @param path the mount's */
export function mountCookie(path: string): string {
  return `${gatewayCookies}at_${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

/**
 * The value of Set-Cookie for it: sent with whatever escapes the mount, by this site's own pages, until the browser ends.
 * @param secure whether the client came over https
 * @param outer the path that a proxy in front takes off
 */
export function mountCookieField(path: string, secure: boolean, outer = ''): string {
  return `${mountCookie(path)}=1; Path=${outer || '/'}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
