import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';
import { temporaryFolder } from '../../support/gateway';

export interface Pair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** The same as files. */
  readonly files: { readonly cert: string; readonly key: string };
}

/** A self-signed certificate for one name, its own authority at that. */
export async function selfSigned(name: string, days = 1): Promise<Pair> {
  const notBeforeDate = new Date(Date.now() - 2 * 86_400_000);
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate: new Date(Date.now() + days * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  const folder = path.join(temporaryFolder(), 'tls');
  mkdirSync(folder);
  const files = { cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return { cert, key, files };
}
