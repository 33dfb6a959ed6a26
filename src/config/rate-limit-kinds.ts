import { parseUrl } from '../parse-url';
import type { RateLimitStoreConfig } from './config';
import { duration, Refusal, type Kind } from './kinds';
import { show } from './problem';

/** Where a store of counts is reached, and by which name and password. Empty texts are none. */
export type StoreAddress = Omit<RateLimitStoreConfig, 'ca' | 'timeout' | 'prefix'>;

/** Redis counts a key's life in whole seconds. */
export const wholeSeconds: Kind<number> = (() => {
  const kind = duration({ least: 1_000, most: 86_400_000 });
  return {
    ...kind,
    example: '1m',
    read(value) {
      const milliseconds = kind.read(value);
      if (milliseconds instanceof Refusal || milliseconds % 1_000 === 0) return milliseconds;
      return new Refusal(`${show(value)} is no whole number of seconds; write one such as 10s`);
    },
  };
})();

const schemes = new Map([
  ['redis', false],
  ['valkey', false],
  ['rediss', true],
  ['valkeys', true],
]);

const example = 'redis://redis:6379';

/** What stands in the address may be a password, so that no message quotes any of it. */
export const storeUrl: Kind<StoreAddress> = {
  title: 'URL',
  json: { type: 'string', pattern: '^([rR][eE][dD][iI][sS]|[vV][aA][lL][kK][eE][yY])[sS]?://' },
  example,
  read(value) {
    if (typeof value !== 'string') return new Refusal(`${show(value)} is not a URL; write one such as ${example}`);
    const text = value.trim();
    const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
    if (scheme === '') return new Refusal('has no scheme; write redis:// before it, or rediss:// for TLS');
    const tls = schemes.get(scheme.toLowerCase());
    if (tls === undefined) return new Refusal('is of another scheme; write redis://, or rediss:// for TLS');
    if (/[?#\s\p{Cc}]/u.test(rest))
      return new Refusal(
        'has a ?, a #, a space or a line break in it; write the password apart, as `password`, or percent-encode it',
      );
    const url = parseUrl(text);
    if (!url) return new Refusal(`is not a URL; write one such as ${example}`);
    if (url.hostname === '') return new Refusal(`has no host; write one such as ${example}`);
    if (url.port === '0') return new Refusal('has 0 for a port; write the one of the store, 6379 usually');
    const [, database] = /^\/?(\d{0,4})$/.exec(url.pathname) ?? [];
    if (database === undefined)
      return new Refusal('has a path that is not the number of a database; write one such as /1, or take it out');
    const [username, password] = [url.username, url.password].map(decoded);
    if (typeof username !== 'string' || typeof password !== 'string')
      return new Refusal(
        'has a % that encodes nothing; write %25 for a plain one, or the password apart, as `password`',
      );
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return { host, port: Number(url.port || 6379), tls, username, password, database: Number(database) };
  },
};

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A password as it is: nothing is taken off its ends. */
export const password: Kind<string> = {
  title: 'text',
  json: { type: 'string', minLength: 1 },
  example: '${REDIS_PASSWORD}',
  read(value) {
    if (typeof value === 'number') return new Refusal('is a number; put quotes around it');
    if (typeof value !== 'string' || value === '') return new Refusal('is not a text; write the password in quotes');
    return /\p{Cc}/u.test(value) ? new Refusal('has a line break or control character; take it out') : value;
  },
};

/** The beginning of keys. */
export const keyPrefix: Kind<string> = {
  title: 'text',
  json: { type: 'string', pattern: '^[A-Za-z0-9._:/-]{1,100}$' },
  example: 'kpow-gateway',
  read(value) {
    if (typeof value === 'string' && /^[A-Za-z0-9._:/-]{1,100}$/.test(value)) return value;
    return new Refusal(`${show(value)} does not fit here; write up to 100 letters, digits, or . _ : / -`);
  },
};
