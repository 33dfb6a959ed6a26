import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto';
import { hostname } from 'node:os';
import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import { ConfigError, type HttpsListen } from '../config/config';
import { readText } from '../config/read-text';
import { missingIssuer } from './missing-issuer';
import { dnsNamesOf } from './server-names';
import { writeWhole } from './write-whole';

type Files = Pick<HttpsListen, 'cert' | 'key'>;

export interface Pair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly validTo: Date;
  /** As `dnsNamesOf` gives them. */
  readonly names: readonly string[];
}

export interface Inspection {
  /** null when there are problems, and when both files are missing. */
  readonly pair: Pair | null;
  /** Sentences that begin with the field's path; [] when the pair can be served, or generated. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

const day = 86_400_000;

/**
 * The listener's certificate and key. When both files are missing, a self-signed pair for this machine is written there.
 *
 * @param log told what people should know: a generated certificate, one that is about to expire
 * @param inspection what was found of the files
 * @throws ConfigError when the files cannot be served, or not be generated
 */
export async function loadCertificate(
  https: Files,
  log: (message: string) => void,
  inspection = inspectCertificate(https),
): Promise<{ cert: string; key: string; generated: boolean }> {
  const { pair, problems, warnings } = inspection;
  if (problems.length > 0) throw new ConfigError('TLS certificate', problems);
  for (const warning of warnings) log(warning);
  if (pair !== null) return { cert: pair.cert, key: pair.key, generated: false };

  const made = await selfSigned(localNames(), longestValidity);
  try {
    // The key first: a key alone says what is missing, a certificate alone looks like a lost key.
    await writeWhole(https.key, made.private, 0o600);
    await writeWhole(https.cert, made.cert, 0o644);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new ConfigError('TLS certificate', [
      `listen.https.cert: ${https.cert} does not exist, and a self-signed certificate cannot be written there (${code}); put a certificate and its key there, or make the folder writable`,
    ]);
  }
  log(
    `No certificate at ${https.cert}: generated a SELF-SIGNED one for localhost, so browsers will warn. For others to use, put your own at ${https.cert} and ${https.key}.`,
  );
  return { cert: made.cert, key: made.private, generated: true };
}

/**
 * What {@link loadCertificate} would say of the files; writes nothing.
 * @param field where they stand in the configuration
 */
export function inspectCertificate(files: Files, now = new Date(), field = 'listen.https'): Inspection {
  const cert = readText(files.cert);
  const key = readText(files.key);
  const missing = [cert, key].filter((file) => 'problem' in file && file.missing).length;
  if (missing === 2) return { pair: null, problems: [], warnings: [] };

  const problems: string[] = [];
  const refuse = (which: 'cert' | 'key', what: string) => problems.push(`${field}.${which}: ${files[which]} ${what}`);
  for (const [which, other, file] of [
    ['cert', 'key', cert],
    ['key', 'cert', key],
  ] as const) {
    if (!('problem' in file)) continue;
    if (file.missing)
      refuse(which, `does not exist, but ${files[other]} does; put it there, or take the other away too`);
    else refuse(which, /UTF-8/.test(file.problem) ? notPem[which] : file.problem);
  }

  const chain = 'text' in cert ? readChain(cert.text) : null;
  if (typeof chain === 'string') refuse('cert', chain);
  const privateKey = 'text' in key ? readKey(key.text) : null;
  if (typeof privateKey === 'string') refuse('key', privateKey);
  if (problems.length > 0 || !Array.isArray(chain) || typeof privateKey !== 'object' || privateKey === null)
    return { pair: null, problems, warnings: [] };

  const [leaf, ...others] = chain;
  if (leaf === undefined || !('text' in cert) || !('text' in key)) return { pair: null, problems, warnings: [] };
  if (!leaf.checkPrivateKey(privateKey)) {
    if (others.some((other) => other.checkPrivateKey(privateKey)))
      refuse(
        'cert',
        "begins with another certificate than the server's; put the server's first, then the intermediate ones",
      );
    else refuse('key', `does not belong to the certificate in ${files.cert}; use the key that it was made with`);
    return { pair: null, problems, warnings: [] };
  }
  try {
    createSecureContext({ cert: cert.text, key: key.text });
  } catch (error) {
    refuse('cert', `cannot be served (${error instanceof Error ? error.message : String(error)}); make a new one`);
    return { pair: null, problems, warnings: [] };
  }

  const validTo = new Date(leaf.validTo);
  return {
    pair: { cert: cert.text, key: key.text, validTo, names: dnsNamesOf(leaf) },
    problems,
    warnings: [
      ...validity(`${field}.cert: ${files.cert}`, new Date(leaf.validFrom), validTo, now),
      ...incomplete(`${field}.cert: ${files.cert}`, chain),
    ],
  };
}

export const notPem = {
  cert: 'is not a PEM certificate; convert it with: openssl x509 -inform der -in FILE -out tls.crt',
  key: 'is not a PEM private key; convert it with: openssl pkey -inform der -in FILE -out tls.key',
};

const certificateEnd = /-----END (?:TRUSTED )?CERTIFICATE-----/;

/** From each beginning of a certificate to its end, or to what begins before that. */
function certificateBlocks(text: string): string[] {
  const begin = '-----BEGIN ';
  return text
    .split(begin)
    .slice(1)
    .filter((block) => /^(?:TRUSTED )?CERTIFICATE-----/.test(block))
    .map((block) => {
      const end = certificateEnd.exec(block);
      return begin + (end ? block.slice(0, end.index + end[0].length) : block);
    });
}

/** The certificates in a PEM text, the server's first; or what is wrong with it. */
export function readChain(text: string): X509Certificate[] | string {
  const blocks = certificateBlocks(text);
  if (!blocks.some((block) => certificateEnd.test(block))) {
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'holds a private key; cert and key look swapped';
    if (text.includes('-----BEGIN CERTIFICATE REQUEST-----'))
      return 'holds a signing request; put the certificate there that the authority made of it';
    return text.trim() === '' ? 'is empty; put a PEM certificate there' : notPem.cert;
  }
  if (/-----END [A-Z ]+-----[^\S\r\n]*\S/.test(text))
    return 'has a PEM block that begins in the middle of a line; begin each on a line of its own';
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return 'holds a damaged certificate; copy it there again';
  }
}

export function readKey(text: string): KeyObject | string {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text))
    return 'is encrypted with a password; decrypt it with: openssl pkey -in FILE -out tls.key';
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    if (text.includes('-----BEGIN CERTIFICATE-----')) return 'holds a certificate; cert and key look swapped';
    return text.trim() === '' ? 'is empty; put a PEM private key there' : notPem.key;
  }
  try {
    return createPrivateKey(text);
  } catch {
    return 'holds a damaged private key; copy it there again';
  }
}

/** @param subject of the sentences: a field and its file */
function validity(subject: string, from: Date, to: Date, now: Date): string[] {
  const on = (date: Date) => date.toISOString().slice(0, 10);
  if (to < now) return [`${subject} expired on ${on(to)}, so browsers refuse it; renew it`];
  if (from > now) return [`${subject} is not valid before ${on(from)}; check the clock, or wait`];
  if (to.getTime() - now.getTime() < 14 * day) return [`${subject} expires on ${on(to)}; renew it soon`];
  return [];
}

/** @param subject of the sentences: a field and its file */
function incomplete(subject: string, chain: readonly X509Certificate[]): string[] {
  const issuer = missingIssuer(chain);
  if (issuer === null) return [];
  return [
    `${subject} has the server's certificate without that of its issuer, ${issuer}, so browsers and programs that do not have it refuse the connection; put it behind the server's in this file (a file called fullchain has both), unless it is a root that all who come here trust`,
  ];
}

/** The longest that browsers accept. */
const longestValidity = 397 * day;

function localNames(): string[] {
  return [...new Set(['localhost', hostname().toLowerCase()])].filter((name) => /^[a-z0-9.-]+$/.test(name));
}

/**
 * A self-signed certificate for names, and for this machine as it sees itself.
 * @param validity milliseconds
 * @returns PEM
 */
export async function selfSigned(
  names: readonly string[],
  validity: number,
): Promise<{ readonly cert: string; readonly private: string }> {
  // Some clocks run behind.
  const notBeforeDate = new Date(Date.now() - day);
  return generate([{ name: 'commonName', value: names[0]?.slice(0, 64) ?? 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate: new Date(notBeforeDate.getTime() + validity),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
}
