import { nearestOf, parseAuthority, parsePort, schemeOf, tellsOfTheClient } from '../headers/forwarded';
import { frontPrefix } from '../headers/front-prefix';
import { isItsOwnSpelling, tellsOfAPerson } from '../headers/identity';
import { dashed, type RawHeaders } from '../headers/raw';
import type { RequestFacts } from '../headers/request';
import type { Mount } from '../mount/mount';

/*
 * Why fields end here by which a proxy speaks of its client, or of a person: what was believed of them, and what not.
 */

/** Those of which one value is taken, and what makes it one. */
const single: Readonly<Record<string, { readonly is: string; readonly fits: (value: string) => boolean }>> = {
  'x-forwarded-proto': { is: 'no scheme of the web', fits: (value) => schemeOf(value) !== undefined },
  'x-forwarded-host': { is: 'no host', fits: (value) => parseAuthority(value) !== null },
  'x-forwarded-port': { is: 'no port', fits: (value) => parsePort(value) !== null },
  'x-forwarded-prefix': { is: 'no plain path', fits: (value) => frontPrefix(value) !== '' || value === '/' },
};

/**
 * @param index of the field's name in `raw`
 * @returns null for a field that is neither of the two
 */
export function whyItIsNotPassed(raw: RawHeaders, index: number, mount: Mount, facts: RequestFacts): string | null {
  const name = (raw[index] ?? '').toLowerCase();
  if (tellsOfAPerson(name)) return ofAPerson(raw, index, mount, facts);
  return tellsOfTheClient(name) ? ofTheClient(raw, index, facts) : null;
}

const asTools = ', as which tools may read it';

function ofAPerson(raw: RawHeaders, index: number, { config }: Mount, { view, peer }: RequestFacts): string {
  const name = (raw[index] ?? '').toLowerCase();
  if (!view.trusted) return `says who the person is; not believed: ${peer.address} is not in \`trustedProxies\``;
  if (!config.trustedIdentity)
    return `says who the person is, and no \`trustedIdentity: true\` says that ${peer.address} has authenticated anybody`;
  if (!isItsOwnSpelling(name)) return `no proxy spells it so, but a client may${asTools}`;
  return isNamedLater(raw, index)
    ? 'there is a later line of it, which was written nearer to the gateway: that one passes'
    : 'the Connection field of the request says that it ends here';
}

function ofTheClient(raw: RawHeaders, index: number, { view, peer }: RequestFacts): string {
  const name = (raw[index] ?? '').toLowerCase();
  const alias = dashed(name) === name ? '' : asTools;
  if (!view.trusted) return `not believed: ${peer.address} is not in \`trustedProxies\`${alias}`;
  if (alias === '' && (name === 'x-request-id' || name === 'x-forwarded-for' || name === 'forwarded' || name in single))
    return whatWasHeard(raw, index, name, view.heard, peer.address);
  return `what the client is, the gateway tells the tool in its own fields${alias}`;
}

function whatWasHeard(
  raw: RawHeaders,
  index: number,
  name: string,
  heard: RequestFacts['view']['heard'],
  proxy: string,
): string {
  if (name === 'forwarded' && heard === 'x-forwarded')
    return `not read: ${proxy} writes X-Forwarded-*, and may pass on the Forwarded of its client (\`trustedFields\`)`;
  if (/^x-forwarded-(?:for|proto|host|port|prefix)$/.test(name) && heard === 'forwarded')
    return `not read: ${proxy} writes Forwarded, and may pass on this one of its client (\`trustedFields: forwarded\`)`;
  const kind = Object.hasOwn(single, name) ? single[name] : undefined;
  if (kind && isNamedLater(raw, index))
    return 'not read: there is a later line of it, which was written nearer to the gateway';
  const value = nearestOf(raw, name);
  if (kind && value !== undefined && !kind.fits(value)) return `not taken: ${value} is ${kind.is}`;
  const several = kind && (raw[index + 1] ?? '').includes(',') ? 'the last of its values ' : 'it ';
  return `${proxy} is a trusted proxy: ${several}was heard, and is written anew`;
}

function isNamedLater(raw: RawHeaders, index: number): boolean {
  const name = raw[index]?.toLowerCase();
  return raw.some((other, i) => i > index && i % 2 === 0 && other.toLowerCase() === name);
}
