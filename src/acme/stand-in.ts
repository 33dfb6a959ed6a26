import { X509Certificate } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { selfSigned } from '../listener/certificate';
import { readStored } from './stored-certificate';

/** How long a self-signed one is valid, in milliseconds: short, so that whoever watches the expiry hears of it. */
const validity = 7 * 86_400_000;

/** What is served before there is a certificate. PEM. */
export interface StandIn {
  readonly cert: string;
  readonly key: string;
  /** `a SELF-SIGNED one, so browsers will warn` */
  readonly called: string;
}

/**
 * Where names are added, taken out, or the authority is changed: the stored certificate that is for most of the names.
 * Otherwise a self-signed one.
 */
export async function standInFor(domains: readonly string[], folder: string): Promise<StandIn> {
  const stored = await Promise.all(
    (await readdir(folder).catch(() => []))
      .filter((name) => name.endsWith('.pem'))
      .map(async (name) => readStored(await readFile(path.join(folder, name), 'utf8').catch(() => ''), [])),
  );
  const [best] = stored
    .filter((certificate) => typeof certificate !== 'string')
    .filter(({ validTo }) => validTo.getTime() > Date.now())
    .map((certificate) => ({ certificate, covered: covered(certificate.cert, domains) }))
    .filter((each) => each.covered.length > 0)
    .sort(
      (a, b) =>
        b.covered.length - a.covered.length || b.certificate.validTo.getTime() - a.certificate.validTo.getTime(),
    );
  if (best) return { ...best.certificate, called: `an earlier one, for ${best.covered.join(', ')}` };
  const { cert, private: key } = await selfSigned(domains, validity);
  return { cert, key, called: 'a SELF-SIGNED one, so browsers will warn' };
}

function covered(cert: string, domains: readonly string[]): string[] {
  const leaf = new X509Certificate(cert);
  return domains.filter((domain) => leaf.checkHost(domain, { wildcards: false }) !== undefined);
}
