import type { Config } from '../config/config';
import { readText } from '../config/read-text';
import { storagePlaces, storageProblem } from './storage';
import { readStored } from './stored-certificate';

export interface AcmeInspection {
  /** Sentences that begin with the field's path. */
  readonly problems: readonly string[];
  /** The certificate in a few words. */
  readonly certificate: string;
  /** What has to be so outside the gateway. */
  readonly demand: string;
}

/** What can be said of a certificate from an authority without asking it; null where there is none. Writes nothing. */
export function inspectAcme({ listen: { https, http } }: Config): AcmeInspection | null {
  if (!https?.acme) return null;
  const { acme } = https;
  const problem = storageProblem(acme);
  const content = readText(storagePlaces(acme).certificate);
  const stored = 'text' in content ? readStored(content.text, acme.domains) : null;
  const authority = new URL(acme.directory).host;
  const names = acme.domains.join(', ');
  const unread =
    'problem' in content && !content.missing
      ? `${storagePlaces(acme).certificate} ${content.problem}; until then no certificate for ${names} is ordered`
      : null;
  return {
    problems: problem === null ? [] : [problem],
    certificate:
      unread ??
      (stored === null || typeof stored === 'string'
        ? `a certificate for ${names} will be ordered from ${authority}`
        : `for ${names} from ${authority}, valid until ${stored.validTo.toISOString().slice(0, 10)}`),
    demand:
      acme.challenge === 'http-01'
        ? `http-01: port 80 of ${names} has to lead to listen.http, port ${http?.port ?? ''}`
        : `tls-alpn-01: port 443 of ${names} has to lead to listen.https, port ${https.port}, as TCP`,
  };
}
