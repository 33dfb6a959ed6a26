import { urlMap, type MapUrl } from './url';
import { trustedLike } from './trusted-types';

/** One window that the script stands in, and how its URLs are mapped. */
export interface Scope {
  readonly window: Window & typeof globalThis;
  readonly mount: string;
  readonly origin: string;
  readonly map: MapUrl;
  /** Any argument that the platform takes for a text; the very same value where nothing changes. */
  readonly mapped: (value: unknown, map?: (text: string) => string) => unknown;
}

export function scopeOf(window: Window & typeof globalThis, mount: string, origin: string): Scope {
  const map = urlMap({ mount, origin, base: () => window.document.baseURI });
  const mapped = (value: unknown, by: (text: string) => string = map): unknown => {
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return value;
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- as the platform itself does
    const text = String(value);
    const result = by(text);
    return result === text ? value : trustedLike(window, value, result);
  };
  return { window, mount, origin, map, mapped };
}
