import { createHmac } from 'node:crypto';
import { targetCookie } from '../headers/gateway-cookies';
import type { Upstream } from './route';

/**
 * The cookie that keeps a browser with its target. Its value is a code over the mount's path and the target's address
 * (HMAC-SHA-256): it shows neither, nobody without the key can make one, and a target that is gone has none.
 */
export class StickyTargets {
  readonly #byValue: ReadonlyMap<string, Upstream>;
  readonly #values: ReadonlyMap<Upstream, string>;
  readonly #base: string;

  /** @param key what the codes are made with: text, or random bytes */
  constructor(upstreams: readonly Upstream[], path: string, key: string | Buffer) {
    const values = upstreams.map((upstream) => [upstream, codeOf(upstream, path, key)] as const);
    this.#values = new Map(values);
    this.#byValue = new Map(values.map(([upstream, value]) => [value, upstream]));
    this.#base = path === '/' ? '' : path;
  }

  /** @param cookies the values of Cookie fields @returns null for none, and for what is no cookie of these targets */
  read(cookies: readonly string[]): Upstream | null {
    for (const line of cookies) {
      for (const pair of line.split(';')) {
        const [name, value = ''] = pair.trim().split('=', 2);
        const upstream = name === targetCookie ? this.#byValue.get(value) : undefined;
        if (upstream) return upstream;
      }
    }
    return null;
  }

  /**
   * A value of Set-Cookie.
   * @param secure whether the client came over https
   * @param outer the path that a proxy in front has taken off
   */
  cookieOf(upstream: Upstream, secure: boolean, outer = ''): string {
    const path = outer + this.#base || '/';
    const pair = `${targetCookie}=${this.#values.get(upstream) ?? ''}`;
    return `${pair}; Path=${path}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }
}

function codeOf({ target }: Upstream, path: string, key: string | Buffer): string {
  const text = JSON.stringify(['target', path, target.protocol, target.hostname, target.port]);
  return createHmac('sha256', key).update(text).digest('base64url');
}
