import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readText } from './read-text';
import type { FieldPath, Problem } from './problem';

interface Files {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** What is wrong with the PEM files that a tool, or another receiver, is spoken to with. */
export function upstreamTlsProblems(tls: Files, path: FieldPath, locate: (file: string) => string): Problem[] {
  const problems: Problem[] = [];
  const refuse = (field: keyof Files, message: string) => problems.push({ path: [...path, field], message });
  if (tls.cert !== undefined && tls.key === undefined) refuse('key', 'is missing; it goes with cert');
  if (tls.key !== undefined && tls.cert === undefined) refuse('cert', 'is missing; it goes with key');

  const load = <T>(field: keyof Files, what: string, parse: (text: string) => T): T | null => {
    const name = tls[field];
    if (name === undefined) return null;
    const file = locate(name);
    const text = readText(file);
    if ('problem' in text) {
      refuse(field, `${file} ${text.problem}`);
      return null;
    }
    try {
      return parse(text.text);
    } catch {
      refuse(field, `${file} is not ${what} in PEM form; convert it with openssl`);
      return null;
    }
  };
  load('ca', 'a certificate', (text) => new X509Certificate(text));
  const cert = load('cert', 'a certificate', (text) => new X509Certificate(text));
  const key = load('key', 'a private key without a password', (text) => createPrivateKey(text));
  if (cert !== null && key !== null && !cert.checkPrivateKey(key))
    refuse('key', `${locate(tls.key ?? '')} does not belong to the certificate; name the key that it was made with`);
  return problems;
}
