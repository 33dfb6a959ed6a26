import { parseAuthority } from '../headers/forwarded';
import { parseUrl } from '../parse-url';
import type { OwnName } from './config';
import { Refusal, type Kind } from './kinds';
import { show, suggest } from './problem';

const example = 'a1b2c3d4:20116';

/** A name that a tool knows itself by, as it stands in a URL: `host` or `host:port`. */
export const ownName: Kind<OwnName> = {
  title: 'name',
  json: { type: 'string', minLength: 1 },
  example,
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not a name; write it as it stands in the tool's URLs, such as ${example}`);
    const text = value.trim();
    const [, scheme, authority = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)(.*)$/is.exec(text) ?? [];
    // Host names beyond ASCII stand in URLs by their other name (xn--).
    const url = parseUrl(`http://${authority}`);
    if (url === null || authority.includes('@') || /[\s*\\]/.test(authority) || !parseAuthority(url.host)) {
      const isAddress = /^[0-9a-f:.]+$/i.test(text) && text.split(':').length > 2;
      const bare = isAddress && parseUrl(`http://[${text}]`) !== null;
      return new Refusal(
        `${show(value)} is not a name with or without a port; write ${bare ? `[${text}]` : `one such as ${example}`}`,
      );
    }
    if (scheme !== undefined || rest !== '')
      return new Refusal(`${show(value)} is more than a name; write ${suggest(authority)}`);
    const port = /:(\d+)$/.exec(authority)?.[1];
    return { hostname: url.hostname, port: port === undefined ? null : Number(port) };
  },
};
