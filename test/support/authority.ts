import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';
import { temporaryFolder } from './gateway';

/** PEM texts, and the same as files. */
export interface IssuedPair {
  readonly cert: string;
  readonly key: string;
  readonly files: { readonly cert: string; readonly key: string };
}

export interface Authority {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly file: string;
  /** @param names DNS names; without any, it has no subjectAltName */
  server(...names: string[]): Promise<IssuedPair>;
  /** Another authority, which this one has issued the certificate of. */
  intermediate(name: string): Promise<Authority>;
  /** @param days until it ends; negative for one that has ended */
  client(commonName: string, days?: number): Promise<IssuedPair>;
}

const day = 86_400_000;
const ec = { keyType: 'ec', algorithm: 'sha256' } as const;

/** An authority with a root certificate of its own, unless another one has issued it. */
export async function makeAuthority(
  name: string,
  issuer?: { readonly cert: string; readonly key: string },
): Promise<Authority> {
  const root = await generate([{ name: 'commonName', value: name }], {
    ...ec,
    ...(issuer && { ca: issuer }),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const folder = temporaryFolder();
  const write = (file: string, text: string) => {
    writeFileSync(path.join(folder, file), text);
    return path.join(folder, file);
  };
  let count = 0;
  const issue = async (
    commonName: string,
    days: number,
    extensions: NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>,
  ): Promise<IssuedPair> => {
    const pair = await generate([{ name: 'commonName', value: commonName }], {
      ...ec,
      ca: { cert: root.cert, key: root.private },
      notBeforeDate: new Date(Date.now() - 30 * day),
      notAfterDate: new Date(Date.now() + days * day),
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        ...extensions,
      ],
    });
    const stem = String(count++);
    const files = { cert: write(`${stem}.crt`, pair.cert), key: write(`${stem}.key`, pair.private) };
    return { cert: pair.cert, key: pair.private, files };
  };
  return {
    cert: root.cert,
    key: root.private,
    file: write('ca.crt', root.cert),
    server: (...names) =>
      issue(names[0] ?? 'no-name', 90, [
        { name: 'extKeyUsage', serverAuth: true },
        ...(names.length === 0
          ? []
          : [{ name: 'subjectAltName' as const, altNames: names.map((value) => ({ type: 2 as const, value })) }]),
      ]),
    intermediate: (name) => makeAuthority(name, { cert: root.cert, key: root.private }),
    client: (commonName, days = 30) => issue(commonName, days, [{ name: 'extKeyUsage', clientAuth: true }]),
  };
}
