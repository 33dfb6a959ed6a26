import { isUnder } from './url';

/** Puts the path of a cookie that a page sets (`document.cookie`, RFC 6265 §5.2.4) under the mount. */
export const mapCookie = (cookie: string, mount: string): string =>
  cookie.replace(/(;\s*path\s*=\s*)(\/[^;\s]*)/gi, (whole, before: string, path: string) =>
    isUnder(path, mount) ? whole : before + mount + (path === '/' ? '' : path),
  );
