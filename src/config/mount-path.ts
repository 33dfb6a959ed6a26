import { show, suggest } from './problem';

/**
 * What is wrong with a mount's path, or null. Its segments are RFC 3986 characters that every browser sends unencoded,
 * so that a request's path is compared byte for byte; `;` is left out because a cookie's Path cannot hold it (RFC 6265 §4.1.1).
 */
export function mountPathProblem(path: unknown): string | null {
  if (typeof path !== 'string') return `${show(path)} is not a path; write one such as /kpow`;
  const quoted = show(path);
  if (path === '/') return null;
  if (path === '') return 'is empty; write a path such as /kpow, or / for the root';
  if (/^https?:\/\//i.test(path)) return `${quoted} is an address; write the path alone, such as /kpow`;
  if (/[?#]/.test(path)) return `${quoted} has a query or fragment; write ${tidy(path.split(/[?#]/, 1)[0] ?? '')}`;
  if (path.includes('%')) return `${quoted} is percent-encoded; write a path of plain letters, digits and - . _ ~`;
  if (/[*{}[\]<>^|\\"`]/.test(path)) return `${quoted} is a pattern; write a plain path such as /kpow`;
  const odd = /[^A-Za-z0-9._~!$&'()*+,=:@/-]/u.exec(path);
  if (odd !== null) return `${quoted} has ${show(odd[0])} in it; write a path of plain letters, digits and - . _ ~`;
  const segments = path.split('/');
  if (segments.includes('.') || segments.includes('..'))
    return `${quoted} has dot segments; write the path that is meant`;
  if (!path.startsWith('/')) return `${quoted} does not begin with a slash; write ${tidy(path)}`;
  if (/\/\/+/.test(path)) return `${quoted} has an empty segment; write ${tidy(path)}`;
  if (path.endsWith('/')) return `${quoted} ends with a slash; write ${tidy(path)}`;
  if (segments[1] === '-') return `${quoted} is kept for the gateway's own pages; choose a path outside /-`;
  return null;
}

function tidy(path: string): string {
  return suggest(`/${path.split('/').filter(Boolean).join('/')}`);
}
