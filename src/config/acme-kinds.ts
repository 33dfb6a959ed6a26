import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { Refusal, type Kind } from './kinds';
import { show, suggest } from './problem';
import { nearest } from './spelling';

/** Authorities that have a short name. Let's Encrypt: https://letsencrypt.org/docs/staging-environment/ */
const directories = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const;

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const dnsName = new RegExp(`^(?=.{1,253}$)(${label}\\.)+${label}$`);

/** Whether it is a whole DNS name in lower case and ASCII, such as `tools.example.com`. */
export function isDnsName(name: string): boolean {
  return dnsName.test(name) && !/\.\d+$/.test(name);
}

/** A name that an authority can come to and look at; read in lower case. */
export const certificateDomain: Kind<string> = {
  title: 'name',
  json: { type: 'string', minLength: 1 },
  example: 'tools.example.com',
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not a DNS name; write one such as tools.example.com`);
    const name = value.trim().toLowerCase();
    if (name.includes('*'))
      return new Refusal(
        `${show(value)} is a wildcard, which needs a DNS-01 challenge that the gateway does not have; write each name`,
      );
    const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/:?#]+)(?::\d+)?(?:[/?#].*)?$/.exec(name)?.[1] ?? name;
    if (isIP(name) !== 0 || isIP(host) !== 0 || name.startsWith('['))
      return new Refusal(`${show(value)} is an address; write the DNS name that browsers use`);
    if (host === 'localhost' || host.endsWith('.localhost'))
      return new Refusal(
        `${show(value)} is this machine's own name for itself, for which no authority issues a certificate; take acme out to get a self-signed certificate`,
      );
    if (isDnsName(name)) return name;
    if (isDnsName(host)) return new Refusal(`${show(value)} is more than a name; write ${suggest(host)}`);
    if (name.endsWith('.') && isDnsName(name.slice(0, -1)))
      return new Refusal(`${show(value)} ends with a dot; write ${suggest(name.slice(0, -1))}`);
    const ascii = domainToASCII(name);
    if (ascii !== name && isDnsName(ascii))
      return new Refusal(`${show(value)} has characters outside ASCII; write ${suggest(ascii)}`);
    if (/^[a-z0-9-]+$/.test(name))
      return new Refusal(`${show(value)} has no dot in it; write the whole name, such as tools.example.com`);
    return new Refusal(`${show(value)} is not a DNS name; write one such as tools.example.com`);
  },
};

/** Several of {@link certificateDomain} in one text, as an environment variable brings them. */
export const certificateDomains: Kind<string[]> = {
  title: 'list',
  json: { type: 'string' },
  example: '[tools.example.com]',
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not a list; write one such as [tools.example.com]`);
    const names: string[] = [];
    for (const name of value.split(/[\s,]+/).filter((part) => part !== '')) {
      const read = certificateDomain.read(name);
      if (read instanceof Refusal) return read;
      names.push(read);
    }
    return names.length > 0 ? names : new Refusal('is empty; write the names, such as [tools.example.com]');
  },
};

/** An authority's directory; read as its URL (RFC 8555 §7.1.1). */
export const acmeDirectory: Kind<string> = {
  title: '`letsencrypt`, `letsencrypt-staging` or URL',
  json: { anyOf: [{ enum: Object.keys(directories) }, { type: 'string', pattern: '^[hH][tT][tT][pP][sS]://' }] },
  example: 'letsencrypt',
  read(value) {
    const named = Object.entries(directories).find(([name]) => name === value);
    if (named) return named[1];
    const text = typeof value === 'string' ? value : '';
    if (!/^https:\/\//i.test(text)) {
      if (/^http:\/\//i.test(text)) return new Refusal(`${show(value)} is plain http; write https:// (RFC 8555 §6.1)`);
      const meant = nearest(text, Object.keys(directories));
      return new Refusal(
        `${show(value)} is not an authority; ${meant === null ? "write letsencrypt, letsencrypt-staging or the https URL of an authority's directory" : `did you mean ${meant}?`}`,
      );
    }
    try {
      const url = new URL(text);
      if (url.username !== '' || url.password !== '')
        return new Refusal('has a user or password in it; use eab for what the authority gave you');
      return url.href;
    } catch {
      return new Refusal(`${show(value)} is not a URL; copy the address of the authority's directory`);
    }
  },
};

export const email: Kind<string> = {
  title: 'e-mail address',
  json: { type: 'string', minLength: 3 },
  example: 'ops@example.com',
  read(value) {
    const text = typeof value === 'string' ? value.trim() : '';
    if (/^mailto:/i.test(text))
      return new Refusal(`${show(value)} begins with mailto:; write ${suggest(text.slice(7))}`);
    if (/^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(text)) return text;
    return new Refusal(`${show(value)} is not an e-mail address; write one such as ops@example.com`);
  },
};

/** Only agreement will do. */
export const termsAgreed: Kind<true> = {
  title: '`true`',
  json: { const: true },
  example: "true, which says that you agree to the authority's terms of service",
  read: (value) =>
    value === true || value === 'true'
      ? true
      : new Refusal(
          `${show(value)} does not do: no authority issues certificates otherwise; read its terms of service and write true, or take acme out`,
        ),
};

/** The MAC key of an external account binding: base64url, or base64 (RFC 8555 §7.3.4). Never shown. */
export const macKey: Kind<string> = {
  title: 'text',
  json: { type: 'string', minLength: 16 },
  example: '${ACME_HMAC_KEY}',
  read: (value) =>
    typeof value === 'string' && /^[\w+/-]{16,}={0,2}$/.test(value.trim())
      ? value.trim()
      : new Refusal('is not a key in base64url; copy it as the authority shows it'),
};
