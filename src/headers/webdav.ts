/*
 * URLs in requests: WebDAV's Destination (RFC 4918 §10.3), and the tags in If (§10.4.1). A client writes them as it knows
 * them, on the public side; a tool compares them with what it is asked by.
 */

import { prefixIn, toUpstream, type Mount } from '../mount/mount';
import { isUnder } from '../mount/path';
import { isPublicAuthority, isToolAuthority } from './addresses';
import { parseAuthority, type ClientView } from './forwarded';
import { urlParts } from './location';

/** A URL of a request, by whose side it names. */
export interface NamedUrl {
  /** `elsewhere` also for what is no such URL at all. */
  readonly side: 'public' | 'tool' | 'elsewhere';
  /** Whether it has a scheme and a host. */
  readonly absolute: boolean;
  readonly path: string;
  /** Its query, mostly ''. */
  readonly rest: string;
}

type View = Pick<ClientView, 'origin' | 'host' | 'prefix'>;

export function readNamedUrl(value: string, mount: Mount, view: View): NamedUrl {
  const { origin, host } = view;
  const [, scheme, authority, path = '', rest = ''] = urlParts.exec(value.trim()) ?? [];
  // Without a scheme there may be a path alone, and a tool may take `//x` for one.
  if (scheme === undefined && authority !== undefined)
    return { side: 'elsewhere', absolute: false, path: `//${authority}${path}`, rest };
  if (authority === undefined)
    return scheme === undefined && path.startsWith('/')
      ? { side: 'public', absolute: false, path: insideFront(path, view), rest }
      : { side: 'elsewhere', absolute: false, path, rest };
  const said = /^https?$/i.test(scheme ?? '') ? parseAuthority(authority) : null;
  const isPublic = said !== null && isPublicAuthority(said, { mount, origin, host });
  const side = isPublic ? 'public' : said !== null && isToolAuthority(said, mount) ? 'tool' : 'elsewhere';
  return { side, absolute: true, path: side === 'public' ? insideFront(path || '/', view) : path || '/', rest };
}

/** A path less what a trusted proxy in front takes off; it may have done that here as well. */
function insideFront(path: string, { prefix }: View): string {
  return prefix !== '' && isUnder(path, prefix) ? path.slice(prefix.length) || '/' : path;
}

/**
 * Destination as the tool has to get it: less the prefix, and an absolute URL with the scheme and the Host that the tool is
 * asked by, since servers compare them (Apache and nginx refuse one that says https where the gateway has taken TLS off).
 * A path stays a path. What is outside the mount is left to the tool: §9.9.4 has it answer 502 for another server's URL, if
 * it takes no such destinations. Of MOVE and COPY the gateway itself has refused what lies in the rest of the public side.
 */
export function toolDestination(value: string, mount: Mount, view: View): string {
  const url = readNamedUrl(value, mount, view);
  if (url.side === 'elsewhere') return value;
  const matched = prefixIn(mount, url.path);
  if (matched === null && url.side === 'public') return value;
  const path = matched === null ? url.path : toUpstream(mount, url.path, matched);
  if (!url.absolute) return path + url.rest;
  const { host, target } = mount.config;
  return `${target.protocol}//${host === 'target' ? target.authority : view.host}${path}${url.rest}`;
}

/**
 * If with its tags mapped as Destination is. State tokens and entity tags stand in the parentheses, and are nobody's URLs
 * here. What is malformed stays as it is from there on.
 */
export function toolIf(value: string, mount: Mount, view: View): string {
  const opening = /[<(]/g;
  let out = '';
  let at = 0;
  for (let found = opening.exec(value); found; found = opening.exec(value)) {
    const { index } = found;
    const end = found[0] === '(' ? endOfList(value, index) : value.indexOf('>', index) + 1;
    if (end === 0) break;
    if (found[0] === '<')
      out += `${value.slice(at, index)}<${toolDestination(value.slice(index + 1, end - 1), mount, view)}>`;
    else out += value.slice(at, end);
    at = end;
    opening.lastIndex = end;
  }
  return out + value.slice(at);
}

/** Where a list has ended: behind its `)`, which may also stand in a token or a tag of it. */
function endOfList(value: string, start: number): number {
  for (let at = start + 1; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === ')') return at + 1;
    const closing = character === '<' ? '>' : character === '"' ? '"' : '';
    if (closing === '') continue;
    at = value.indexOf(closing, at + 1);
    if (at === -1) break;
  }
  return value.length;
}
