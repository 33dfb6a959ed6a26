import { createHash } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import type { AcmeConfig } from '../config/config';

/**
 * Where things are in the storage folder. Nothing in it is ever half-written, so several gateways may share it.
 *
 *     accounts/HOST-HASH.key              the account's private key at one authority
 *     certificates/NAME-HASH.pem          private key, then the chain: one file, so that they cannot disagree
 *     certificates/NAME-HASH.failed.json  the last failure, and when the next try may come
 *     challenges/TYPE/...                 key authorizations that the authority may ask for now
 *     lock/N                              whose turn it is to order
 */
export interface StoragePlaces {
  readonly account: string;
  readonly certificate: string;
  readonly failure: string;
  readonly challenges: string;
  readonly lock: string;
}

/** Other names, or another authority, make another certificate. */
export function storagePlaces({ storage, directory, domains }: AcmeConfig): StoragePlaces {
  const authority = new URL(directory).host.replace(/[^a-z0-9.-]/g, '_');
  // A file's name may have 255 bytes; a domain has up to 253.
  const name = `${(domains[0] ?? '').slice(0, 200)}-${hash([directory, ...domains.toSorted()])}`;
  return {
    account: path.join(storage, 'accounts', `${authority}-${hash([directory])}.key`),
    certificate: path.join(storage, 'certificates', `${name}.pem`),
    failure: path.join(storage, 'certificates', `${name}.failed.json`),
    challenges: path.join(storage, 'challenges'),
    lock: path.join(storage, 'lock'),
  };
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** Why the storage folder cannot be used: a sentence that begins with the field's path; null when it can. Writes nothing. */
export function storageProblem({ storage }: AcmeConfig): string | null {
  const refuse = (what: string) => `listen.https.acme.storage: ${what}`;
  for (let folder = storage; ; folder = path.dirname(folder)) {
    try {
      if (!statSync(folder).isDirectory()) return refuse(`${folder} is a file; name a folder`);
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      if (code === 'ENOTDIR') continue;
      if (code !== 'ENOENT' || folder === path.dirname(folder))
        return refuse(
          `${folder} cannot be written to (${code}), and certificates are kept there; let the user that runs the gateway write there, or name another folder`,
        );
    }
  }
}
