import { isIP } from 'node:net';
import { METHODS } from 'node:http';
import { defaultPort, parseAuthority } from '../headers/forwarded';
import { Refusal, type Kind } from './kinds';
import { mountPathProblem } from './mount-path';
import { show, suggest } from './problem';
import { nearest } from './spelling';
import { withoutEnd } from '../without-end';

/** Every value but one word that stands for all of them. */
export const any: Kind<'any'> = {
  title: '`any`',
  json: { enum: ['any'] },
  example: 'any',
  read: (value) => (value === 'any' ? 'any' : new Refusal(`${show(value)} does not fit here; write any or a list`)),
};

/** A name in a Host field; read in lower case, an IPv6 address in brackets. */
export const servedHost: Kind<string> = {
  title: 'name',
  json: { type: 'string', minLength: 1 },
  example: 'tools.example.com',
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not a host name; write one such as tools.example.com`);
    const name = value.trim().toLowerCase();
    if (isIP(name) === 6) return `[${name}]`;
    const bare = name.replace(/^[a-z][a-z0-9+.-]*:\/\//, '').split(/[/?#]/, 1)[0] ?? '';
    const parsed = parseAuthority(bare);
    if (parsed && (bare !== name || parsed.port !== null))
      return new Refusal(`${show(value)} is more than a name; write ${suggest(parsed.hostname)}`);
    if (name.replace(/^\*\./, '').includes('*'))
      return new Refusal(`${show(value)} is not a host name; a * stands first only, as in *.example.com`);
    if (!/^(\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?$|^\[[0-9a-f:.]+\]$/.test(name))
      return new Refusal(`${show(value)} is not a host name; write one such as tools.example.com`);
    return name.replace(/\.$/, '');
  },
};

/** An origin as browsers write it (RFC 6454 §6.2); read in lower case, without its scheme's usual port. */
export const pageOrigin: Kind<string> = {
  title: 'origin',
  json: { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://[^/?#@]+$' },
  example: 'https://portal.example.com',
  read(value) {
    const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
    const [, scheme = '', authority = '', rest = ''] = /^(https?):\/\/([^/?#]+)([^]*)$/.exec(text) ?? [];
    const parsed = parseAuthority(authority);
    if (!parsed) {
      const meant = /^[a-z0-9.-]+(:\d+)?$/.test(text) ? `https://${text}` : 'https://portal.example.com';
      return new Refusal(`${show(value)} is not an origin; write one such as ${suggest(meant)}`);
    }
    if (rest !== '')
      return new Refusal(`${show(value)} is more than an origin; write ${suggest(`${scheme}://${authority}`)}`);
    const usual = defaultPort[scheme as keyof typeof defaultPort];
    return `${scheme}://${parsed.hostname}${parsed.port === null || parsed.port === usual ? '' : `:${parsed.port}`}`;
  },
};

/** A path inside a mount. */
export const innerPath: Kind<string> = {
  title: 'path',
  json: { type: 'string', pattern: '^/' },
  example: '/metrics/v1',
  read(value) {
    const path = typeof value === 'string' && value.length > 1 ? withoutEnd(value, '/') : value;
    if (path === '/' || path === '')
      return new Refusal(`${show(value)} is all of the mount; take the mount out, or write a path inside it`);
    // `/-` is kept at the root of the gateway, and nobody's inside a mount.
    const problem = mountPathProblem(typeof path === 'string' ? path.replace(/^\/-(?=\/|$)/, '/x') : path);
    return problem === null ? (path as string) : new Refusal(problem);
  },
};

const readOnly = ['GET', 'HEAD', 'OPTIONS'];

/** What changes nothing (RFC 9110 §9.2.1). */
export const readOnlyMethods: Kind<string[]> = {
  title: '`read-only` or list',
  json: { enum: ['read-only'] },
  example: 'read-only',
  read: (value) =>
    value === 'read-only' ? readOnly : new Refusal(`${show(value)} does not fit here; write read-only, or [GET, POST]`),
};

/** Read in upper case: methods have a case, and all that are in use have this one. */
export const method: Kind<string> = {
  title: 'method',
  json: { type: 'string', minLength: 1 },
  example: 'GET',
  read(value) {
    const name = typeof value === 'string' ? value.trim().toUpperCase() : '';
    if (name === 'TRACE' || name === 'CONNECT') return new Refusal(`${show(value)} is never let through; take it out`);
    if (METHODS.includes(name)) return name;
    const meant = nearest(name, METHODS);
    return new Refusal(
      meant === null
        ? `${show(value)} is not a method; write one such as GET`
        : `${show(value)} is not a method; did you mean ${meant}?`,
    );
  },
};
