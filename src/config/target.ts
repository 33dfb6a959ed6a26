import { parseUrl } from '../parse-url';
import type { Target } from './config';
import { show, suggest } from './problem';
import { withoutEnd } from '../without-end';

/**
 * Parses a mount's target once and for all, or says what is wrong with it.
 * @param example what to write instead, in messages
 */
export function parseTarget(value: unknown, example = 'http://localhost:3000'): Target | string {
  if (typeof value !== 'string') return `${show(value)} is not a URL; write one such as ${example}`;
  if (value === '') return `is empty; write a URL such as ${example}`;
  // Before anything is quoted: a password must not get into a log.
  if (/^([a-z][a-z0-9+.-]*:)?[/\\]*[^/?#\\]*@/i.test(value)) return 'has a user name or password in it; take them out';
  const quoted = show(value);
  if (/[\s\p{Cc}]/u.test(value)) return `${quoted} has a space in it; take it out`;

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const rest = suggest(value.replace(/^(https?:)?\/*/i, ''));
    if (/^unix:/i.test(value)) return `${quoted} is a socket file; write an address such as ${example}`;
    if (/^\d+$/.test(rest)) return `${quoted} is a port alone; write http://localhost:${rest}`;
    return `${quoted} has no scheme; write http://${rest}`;
  }
  if (scheme === 'ws' || scheme === 'wss') {
    const http = suggest(value.replace(/^ws/i, 'http'));
    return `${quoted} names the websocket scheme; write ${http}, websockets pass through it too`;
  }
  if (scheme !== 'http' && scheme !== 'https') return `${quoted} is neither http:// nor https://; write one of these`;
  if (/[?#]/.test(value)) return `${quoted} has a query or fragment; write ${suggest(value.split(/[?#]/, 1)[0] ?? '')}`;
  if (value.includes('\\')) return `${quoted} has a backslash in it; write /`;
  if (value.includes('*')) return `${quoted} has a * in it; a target is one address`;

  const url = parseUrl(value);
  if (url === null) {
    if (/:\d+(\/|$)/.test(value.slice(scheme.length + 3)) && !/:([1-9]\d{0,3}|[1-5]\d{4})(\/|$)/.test(value))
      return `${quoted} has a port that does not exist; write one from 1 to 65535`;
    return `${quoted} is not a URL; write one such as ${example}`;
  }
  if (url.port === '0') return `${quoted} has the port 0; write the port that the tool listens on`;

  const protocol = scheme === 'http' ? 'http:' : 'https:';
  return {
    protocol,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (protocol === 'http:' ? 80 : 443) : Number(url.port),
    authority: url.host,
    path: withoutEnd(url.pathname, '/'),
  };
}

/** `http://localhost:3000/base` */
export function formatTarget(target: Target): string {
  return `${target.protocol}//${target.authority}${target.path}`;
}
