import { Admission } from '../relay/admission';
import { fieldText, hasField, listOf, valuesOf } from '../headers/raw';
import type { Peer } from '../headers/forwarded';
import type { Mount } from '../mount/mount';
import type { Site } from '../app/site';
import { areFieldLines } from '../relay/field-lines';
import type { AskedRequest } from './asked';

/** Which of the two ways a request takes: the relay's, which is the faster one, or the app's. */
export interface Way {
  readonly name: 'relay' | 'app';
  readonly reason: string;
}

/** @param mount that the request goes to; null for what the gateway answers itself */
export function wayOf(asked: AskedRequest, site: Site, peer: Peer, mount: Mount | null): Way {
  const lines = fieldText(asked.fields);
  const text = `${asked.method} ${asked.target} HTTP/1.1\r\n${lines}\r\n`;
  if (text.length <= site.config.limits.head && new Admission(() => site, peer).admit(text, text.length - 2))
    return { name: 'relay', reason: 'nothing of it can be read in two ways: bytes go from one socket to the other' };
  return { name: 'app', reason: whyNotTheRelay(asked, lines, mount) };
}

function whyNotTheRelay({ method, fields }: AskedRequest, lines: string, mount: Mount | null): string {
  if (mount === null) return 'the gateway answers it itself';
  if (mount.config.rateLimit !== null) return 'requests to this mount are counted first: `rateLimit`';
  if (mount.adopts) return 'what its tool answers may have to be rewritten: `prefix: adopt`';
  if (!areFieldLines(lines, 'one')) return 'the relay takes no field lines that could be read in two ways';
  for (const name of ['transfer-encoding', 'expect', 'proxy-connection'])
    if (hasField(fields, name)) return `the relay takes no ${name}`;
  for (const name of ['host', 'content-length', 'connection', 'upgrade']) {
    const values = valuesOf(fields, name);
    if (values.length > 1) return `there is more than one ${name}`;
    if (values[0] === '') return `${name} is empty`;
  }
  const upgrade = listOf(fields, 'upgrade');
  if (upgrade.length > 0) return `the relay takes no upgrade but a websocket's, by GET and without a body`;
  if (hasField(fields, 'connection')) return 'the relay takes no Connection but keep-alive or close';
  return `the relay takes no ${method} such as this`;
}
