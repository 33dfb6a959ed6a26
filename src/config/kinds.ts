import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { mountPathProblem } from './mount-path';
import { show, suggest } from './problem';
import { nearest } from './spelling';
import { formatTarget, parseTarget } from './target';
import { parseDuration, parseSize, durationPattern, sizePattern } from './units';
import type { Target } from './config';

/** What is wrong with a value: a sentence without its subject, with the fix. */
export class Refusal {
  constructor(readonly message: string) {}
}

/** A kind of single value: how it is read, and how it is described to editors (JSON Schema) and people. */
export interface Kind<T> {
  /** Its name in the reference: `duration`. */
  readonly title: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** What to write where a required value is missing. */
  readonly example: string;
  read(value: unknown): T | Refusal;
}

/** The longest delay that Node's timers take: 2^31 - 1 ms. */
const longestTimer = 2 ** 31 - 1;

/** @param least 0 where the system may choose the port */
export function port(least: 0 | 1): Kind<number> {
  return {
    title: 'port',
    json: { type: 'integer', minimum: least, maximum: 65535 },
    example: '8443',
    read(value) {
      const number = numeric(value);
      if (Number.isInteger(number) && number >= least && number <= 65535) return number;
      return new Refusal(`${show(value)} is not a port; write a number from ${least} to 65535`);
    },
  };
}

export function count(least: number, most: number): Kind<number> {
  return {
    title: 'number',
    json: { type: 'integer', minimum: least, maximum: most },
    example: String(least),
    read(value) {
      const number = numeric(value);
      if (Number.isInteger(number) && number >= least && number <= most) return number;
      return new Refusal(`${show(value)} does not fit here; write a whole number from ${least} to ${most}`);
    },
  };
}

/** How many processes. */
export const workers: Kind<number | 'auto'> = {
  title: 'number or `auto`',
  json: { anyOf: [{ type: 'integer', minimum: 1, maximum: 256 }, { const: 'auto' }] },
  example: 'auto',
  read(value) {
    if (value === 'auto') return value;
    const number = numeric(value);
    if (Number.isInteger(number) && number >= 1 && number <= 256) return number;
    return new Refusal(`${show(value)} does not fit here; write auto, or a whole number from 1 to 256`);
  },
};

export const flag: Kind<boolean> = {
  title: 'true or false',
  json: { type: 'boolean' },
  example: 'true',
  read(value) {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    const word = String(value).toLowerCase();
    const meant = ['yes', 'y', 'on', '1'].includes(word)
      ? 'true'
      : ['no', 'n', 'off', '0'].includes(word)
        ? 'false'
        : 'true or false';
    return new Refusal(`${show(value)} is neither true nor false; write ${meant}`);
  },
};

/** The short form of a listener. */
export const off: Kind<'off'> = {
  title: 'mapping or `off`',
  json: { enum: ['off', false] },
  example: 'off',
  read: (value) =>
    value === 'off' || value === false
      ? 'off'
      : new Refusal(`${show(value)} does not fit here; write off or a mapping`),
};

/** A share of a whole, from 0 to 1. */
export const ratio: Kind<number> = {
  title: 'number',
  json: { type: 'number', minimum: 0, maximum: 1 },
  example: '0.1',
  read(value) {
    const number = typeof value === 'string' && /^\d{0,15}\.?\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && number >= 0 && number <= 1) return number;
    const percent = /^(\d+(?:\.\d+)?) ?%$/.exec(String(value))?.[1];
    const meant = percent === undefined || Number(percent) > 100 ? '0.1' : Number(percent) / 100;
    return new Refusal(`${show(value)} is not a number from 0 to 1; write one such as ${meant}`);
  },
};

/** @param most characters */
export function text(most = 200): Kind<string> {
  return {
    title: 'text',
    json: { type: 'string' },
    example: 'kPow',
    read(value) {
      if (typeof value === 'number' || typeof value === 'boolean')
        return new Refusal(`${show(value)} is not text here; put quotes around it: "${value}"`);
      if (typeof value !== 'string') return new Refusal(`${show(value)} is not text; write some words`);
      if (value.trim() === '') return new Refusal('is empty; write some text, or take the line out');
      if (/\p{Cc}/u.test(value))
        return new Refusal(`${show(value)} has a line break or control character; take it out`);
      if (value.length > most) return new Refusal(`is ${value.length} characters long; write at most ${most}`);
      return value.trim();
    },
  };
}

/** What messages are signed with: not shown, whatever is wrong with it. */
export const secret: Kind<string> = {
  title: 'text',
  json: { type: 'string', minLength: 16 },
  example: '${KPOW_GATEWAY_SECRET}',
  read(value) {
    if (typeof value !== 'string') return new Refusal('is not text; put quotes around it');
    if (value.length < 16) return new Refusal('is too short to be one; write at least 16 characters');
    return value;
  },
};

export function choice<const T extends string>(...values: T[]): Kind<T> {
  const hasOff = (values as string[]).includes('off');
  return {
    title: values.map((value) => `\`${value}\``).join(', '),
    json: { enum: hasOff ? [...values, false] : values },
    example: values[0] ?? '',
    read(value) {
      const word = hasOff && value === false ? 'off' : value;
      const found = values.find((known) => known === word);
      if (found !== undefined) return found;
      const meant = typeof word === 'string' ? nearest(word, values) : null;
      const fix = meant === null ? `write ${list(values)}` : `did you mean ${meant}?`;
      return new Refusal(
        meant === null
          ? `${show(value)} is not known here; ${fix}`
          : `${show(value)} is not one of ${values.join(', ')}; ${fix}`,
      );
    },
  };
}

export interface DurationLimits {
  /** Milliseconds. */
  readonly least?: number;
  readonly most?: number;
  /** Whether `off` (and 0) may be written; it is read as 0. */
  readonly off?: boolean;
}

/** Read as milliseconds. */
export function duration({ least = 0, most = longestTimer, off: mayBeOff = false }: DurationLimits = {}): Kind<number> {
  const written = { type: 'string', pattern: durationPattern };
  const orOff = mayBeOff ? ', or off' : '';
  return {
    title: mayBeOff ? 'duration or `off`' : 'duration',
    json: mayBeOff ? { anyOf: [{ enum: ['off', false, 0] }, written] } : written,
    example: '5s',
    read(value) {
      const zero = value === 0 || value === '0';
      if (mayBeOff && (value === 'off' || value === false || zero)) return 0;
      if (typeof value === 'number' && !zero)
        return new Refusal(`${value} has no unit; write ${value}ms or ${value}s${orOff}`);
      const milliseconds = zero ? 0 : parseDuration(value);
      if (milliseconds === null)
        return new Refusal(`${show(value)} is not a duration; write it like 500ms, 5s, 2m or 1h${orOff}`);
      if (milliseconds === 0 && mayBeOff) return 0;
      if (milliseconds < least) return new Refusal(`${show(value)} is too short; write at least ${least}ms${orOff}`);
      if (milliseconds > most)
        return new Refusal(`${show(value)} is too long; write at most ${Math.floor(most / 86_400_000)}d${orOff}`);
      return milliseconds;
    },
  };
}

/** How long browsers keep what they are told, in milliseconds. `off` tells them nothing; `0s` has them forget it. */
export function maxAge(most: number): Kind<number | 'off'> {
  const time = duration({ most });
  return {
    title: 'duration or `off`',
    json: { anyOf: [{ enum: ['off', false, 0] }, time.json] },
    example: '30d',
    read(value) {
      if (value === 'off' || value === false) return 'off';
      const read = time.read(value);
      // It travels in whole seconds, and none of them has quite another meaning than a short time.
      if (typeof read === 'number' && read > 0 && read < 1000)
        return new Refusal(`${show(value)} is too short; write at least 1s, 0s to have browsers forget it, or off`);
      return read;
    },
  };
}

/** Read as bytes. @param least bytes @param most bytes */
export function size(least: number, most: number): Kind<number> {
  return sizeKind(least, most, false);
}

/** As `size`; `off` is read as 0. */
export function sizeOrOff(least: number, most: number): Kind<number> {
  return sizeKind(least, most, true);
}

function sizeKind(least: number, most: number, mayBeOff: boolean): Kind<number> {
  const range = `write from ${writtenSize(least)} to ${writtenSize(most)}${mayBeOff ? ', or off' : ''}`;
  const written = { type: 'string', pattern: sizePattern };
  return {
    title: mayBeOff ? 'size or `off`' : 'size',
    json: mayBeOff ? { anyOf: [{ enum: ['off', false] }, written] } : written,
    example: '64kb',
    read(value) {
      if (mayBeOff && (value === 'off' || value === false)) return 0;
      if (typeof value === 'number') return new Refusal(`${value} has no unit; write ${value}b or ${value}kb`);
      const bytes = parseSize(value);
      if (bytes === null) return new Refusal(`${show(value)} is not a size; write it like 64kb or 10mb`);
      if (bytes < least) return new Refusal(`${show(value)} is too small; ${range}`);
      if (bytes > most) return new Refusal(`${show(value)} is too large; ${range}`);
      return bytes;
    },
  };
}

function writtenSize(bytes: number): string {
  if (bytes < 1024 ** 2) return `${bytes / 1024}kb`;
  return bytes < 1024 ** 3 ? `${bytes / 1024 ** 2}mb` : `${bytes / 1024 ** 3}gb`;
}

export const file: Kind<string> = {
  title: 'file',
  json: { type: 'string', minLength: 1 },
  example: 'certs/ca.crt',
  read(value) {
    if (typeof value !== 'string') return new Refusal(`${show(value)} is not a file name; write one`);
    if (value.trim() === '') return new Refusal('is empty; write a file name, or take the line out');
    if (value.includes('-----BEGIN'))
      return new Refusal('holds a PEM text; write it to a file, and the name of the file here');
    if (value.includes('\0')) return new Refusal('has a NUL character in it; write a file name');
    return value;
  },
};

/** The address or name that a listener binds to. */
export const bindHost: Kind<string> = {
  title: 'address',
  json: { type: 'string', minLength: 1 },
  example: '0.0.0.0',
  read(value) {
    if (value === '*') return new Refusal('"*" is not an address; write 0.0.0.0 (or :: for IPv6 too)');
    if (typeof value !== 'string') return new Refusal(`${show(value)} is not an address; write one such as 0.0.0.0`);
    const bare = /^\[(.*)\]$/.exec(value)?.[1];
    if (bare !== undefined && isIP(bare) === 6) return new Refusal(`${show(value)} has brackets; write ${bare}`);
    if (isIP(value) !== 0) return value;
    if (/^[\d.]+$/.test(value))
      return new Refusal(`${show(value)} is not an address; write four numbers, such as 0.0.0.0`);
    if (/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(value)) return value;
    return new Refusal(
      `${show(value)} is not an address or host name; write one such as 0.0.0.0, without scheme or port`,
    );
  },
};

/** Names of groups of addresses. */
export const proxyGroups: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];
export const readerGroups: readonly string[] = [...proxyGroups, 'any'];

/** An address, a CIDR, or the name of a group of addresses. */
export const addressRange = (groups: readonly string[]): Kind<string> => ({
  title: `address, CIDR, ${groups.map((group) => `\`${group}\``).join(', ')}`,
  json: { type: 'string', minLength: 1 },
  example: '10.0.0.0/8',
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not an address; write one such as 10.0.0.7 or 10.0.0.0/8`);
    if (groups.includes(value) || isRange(value)) return value;
    const [address = '', bits] = value.split('/', 2);
    if (bits !== undefined && isIP(address) !== 0)
      return new Refusal(
        `${show(value)} has no valid prefix length; write ${address}/${isIP(address) === 4 ? 24 : 64}`,
      );
    const meant = nearest(value, groups);
    return new Refusal(
      meant === null
        ? `${show(value)} is not an address; write an address, a CIDR such as 10.0.0.0/8, or ${groups.join(', ')}`
        : `${show(value)} is not an address; did you mean ${meant}?`,
    );
  },
});

function isRange(value: string): boolean {
  const [address = ''] = value.split('/', 1);
  // ipaddr.js takes `10.1` and `0x7f.1` for IPv4; Node does not.
  if (isIP(address) === 0 || address.includes('%')) return false;
  return value === address || (/\/\d{1,3}$/.test(value) && ipaddr.isValidCIDR(value));
}

/** Several of {@link addressRange} in one text, as an environment variable brings them. */
export const addressRanges = (groups: readonly string[]): Kind<string[]> => ({
  title: 'list',
  json: { type: 'string' },
  example: '[10.0.0.0/8]',
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not a list; write one such as [10.0.0.0/8, loopback]`);
    const addresses = value.split(/[\s,]+/).filter((part) => part !== '');
    for (const address of addresses) {
      const read = addressRange(groups).read(address);
      if (read instanceof Refusal) return read;
    }
    return addresses;
  },
});

export const mountPath: Kind<string> = {
  title: 'path',
  json: { type: 'string', pattern: "^/$|^(/[A-Za-z0-9._~!$&'()*+,=:@-]+)+$" },
  example: '/kpow',
  read(value) {
    const problem = mountPathProblem(value);
    return problem === null ? (value as string) : new Refusal(problem);
  },
};

/** A path at the tool, with a query if need be. */
export const healthPath: Kind<string> = {
  title: 'path',
  json: { type: 'string', pattern: '^/' },
  example: '/healthy',
  read(value) {
    if (typeof value !== 'string') return new Refusal(`${show(value)} is not a path; write one such as /healthy`);
    if (/^https?:\/\//i.test(value))
      return new Refusal(`${show(value)} is an address; write the path alone, such as /healthy`);
    if (!value.startsWith('/'))
      return new Refusal(`${show(value)} does not begin with a slash; write ${suggest(`/${value}`)}`);
    if (/[^\x21-\x7e]/.test(value))
      return new Refusal(`${show(value)} has a space or a character outside ASCII; percent-encode it`);
    if (value.includes('#'))
      return new Refusal(`${show(value)} has a fragment; write ${suggest(value.split('#', 1)[0] ?? '')}`);
    return value;
  },
};

/** The short form of a mount's `health`. */
export const healthShort: Kind<string> = {
  title: 'path, `off` or mapping',
  json: { anyOf: [{ type: 'string', pattern: '^/' }, { enum: ['off', false] }] },
  example: '/healthy',
  read(value) {
    if (value === 'off' || value === false) return 'off';
    if (typeof value === 'string') return healthPath.read(value);
    return new Refusal(`${show(value)} does not fit here; write a path such as /healthy, or off`);
  },
};

export const target: Kind<Target> = {
  title: 'URL',
  json: { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://[^/?#@]+(/[^?#]*)?$' },
  example: 'http://localhost:3000',
  read(value) {
    const result = parseTarget(value);
    return typeof result === 'string' ? new Refusal(result) : result;
  },
};

/**
 * The base URL of an OTLP receiver, read as the URL for its traces: `/v1/traces` is added, as to
 * `OTEL_EXPORTER_OTLP_ENDPOINT`, unless the path ends in `/traces` and so names the place already.
 */
export const otlpEndpoint: Kind<string> = {
  title: 'URL',
  json: target.json,
  example: 'http://localhost:4318',
  read(value) {
    const result = parseTarget(value, 'http://localhost:4318');
    if (typeof result === 'string') return new Refusal(result);
    return `${formatTarget(result)}${result.path.endsWith('/traces') ? '' : '/v1/traces'}`;
  },
};

/** A character or two (an emoji may be made of many code points), or an .svg or .png file. */
export const icon: Kind<string> = {
  title: 'text or file',
  json: { type: 'string' },
  example: '📈',
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not an icon; write ${show(String(value))} in quotes`);
    if (value === '' || /\.(svg|png)$/i.test(value)) return value;
    if (/^https?:/i.test(value))
      return new Refusal(`${show(value)} is on another site; write the name of an .svg or .png file here`);
    if (/\p{Cc}/u.test(value)) return new Refusal(`${show(value)} has a control character; take it out`);
    if ([...new Intl.Segmenter().segment(value)].length <= 2) return value;
    return new Refusal(`${show(value)} is neither a character or two nor an .svg or .png file; write one of these`);
  },
};

/** A number, also when it comes as text from the environment. */
function numeric(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : NaN;
}

/** `a, b or c` */
function list(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}
