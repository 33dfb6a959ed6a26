import type { HttpsListen } from '../config/config';
import { readText } from '../config/read-text';
import { inspectCertificate, notPem, readChain, type Inspection, type Pair } from './certificate';
import type { ClientAuthority } from './tls-settings';

/** What the files of `listen.https` hold. */
export interface TlsFiles {
  /** null where an authority's certificate is served, where the files have problems, and where both are missing. */
  readonly own: Pair | null;
  readonly others: readonly Pair[];
  readonly clients: ClientAuthority | null;
  /** Sentences that begin with the field's path; [] when everything can be served. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** All files that TLS is made with. */
export function tlsFilesOf({ acme, cert, key, certificates, clientCa }: HttpsListen): string[] {
  const pairs = acme === null ? [{ cert, key }, ...certificates] : certificates;
  return [...pairs.flatMap((pair) => [pair.cert, pair.key]), ...(clientCa === null ? [] : [clientCa])];
}

/** Reads them; writes nothing. */
export function inspectTlsFiles(https: HttpsListen, now = new Date()): TlsFiles {
  const own: Inspection | null = https.acme === null ? inspectCertificate(https, now) : null;
  const others = https.certificates.map((files, index) => inspectOther(files, now, otherField(index)));
  const clients = https.clientCa === null ? null : readAuthority(https.clientCa);
  return {
    own: own?.pair ?? null,
    others: others.flatMap(({ pair }) => pair ?? []),
    clients:
      clients === null || 'problem' in clients
        ? null
        : { ca: clients.text, required: https.clientAuth === 'required', forward: https.forwardClientCert },
    problems: [
      ...(own?.problems ?? []),
      ...others.flatMap(({ problems }) => problems),
      ...(clients !== null && 'problem' in clients ? [clients.problem] : []),
    ],
    warnings: [
      ...(own?.warnings ?? []),
      ...others.flatMap(({ warnings }) => warnings),
      ...doubledNames(https, own, others),
    ],
  };
}

const otherField = (index: number) => `listen.https.certificates[${index}]`;

type Files = HttpsListen['certificates'][number];

/** A certificate that is chosen by name: it has to be there, and to have one. */
function inspectOther(files: Files, now: Date, field: string): Inspection {
  const found = inspectCertificate(files, now, field);
  if (found.problems.length > 0) return found;
  const refuse = (problem: string): Inspection => ({ pair: null, problems: [problem], warnings: [] });
  if (found.pair === null)
    return refuse(`${field}.cert: ${files.cert} does not exist, nor does its key; put both there, or take them out`);
  if (found.pair.names.length === 0)
    return refuse(
      `${field}.cert: ${files.cert} has no DNS name in it (subjectAltName), so nobody would ever be served it; use one that has, or take it out`,
    );
  return found;
}

/** Names that an earlier certificate is served for already. */
function doubledNames(https: HttpsListen, own: Inspection | null, others: readonly Inspection[]): string[] {
  const first = new Map<string, string>();
  const warnings: string[] = [];
  const ownNames = https.acme?.domains ?? own?.pair?.names ?? [];
  for (const name of ownNames) first.set(name, https.acme === null ? https.cert : 'listen.https.acme');
  others.forEach(({ pair }, index) => {
    const doubled = new Set<string>();
    const file = https.certificates[index]?.cert ?? '';
    let earlier = '';
    for (const name of pair?.names ?? []) {
      const other = first.get(name);
      if (other === undefined) first.set(name, file);
      else {
        doubled.add(name);
        earlier = other;
      }
    }
    if (doubled.size > 0)
      warnings.push(
        `${otherField(index)}.cert: ${file} is not served for ${[...doubled].join(', ')}, which ${earlier} has too; name each in one certificate`,
      );
  });
  return warnings;
}

function readAuthority(file: string): { text: string } | { problem: string } {
  const refuse = (what: string) => ({ problem: `listen.https.clientCa: ${file} ${what}` });
  const read = readText(file);
  if ('problem' in read) return refuse(/UTF-8/.test(read.problem) ? notPem.cert : read.problem);
  const chain = readChain(read.text);
  if (typeof chain === 'string') return refuse(chain);
  if (chain.every(({ ca }) => !ca))
    return refuse(
      'holds no certificate of an authority; put the one there that signed the client certificates, not one of these',
    );
  return read;
}
