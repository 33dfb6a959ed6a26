import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readText, type TextOrProblem } from './read-text';
import type { FieldPath, Problem } from './problem';

interface Files {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** A certificate without its key, or the other way round. */
export function pairProblems({ cert, key }: Files, path: FieldPath): Problem[] {
  if ((cert === undefined) === (key === undefined)) return [];
  const [missing, other] = key === undefined ? ['key', 'cert'] : ['cert', 'key'];
  return [{ path: [...path, missing], message: `is missing; it goes with ${other}` }];
}

/**
 * What is wrong with the PEM files that a tool, or another receiver, is spoken to with.
 * @param read what a file holds, by its absolute name
 */
export function upstreamTlsProblems(
  tls: Files,
  path: FieldPath,
  locate: (file: string) => string,
  read: (file: string) => TextOrProblem = readText,
): Problem[] {
  const problems: Problem[] = [];
  const refuse = (field: keyof Files, message: string) => problems.push({ path: [...path, field], message });
  const texts: { -readonly [Field in keyof Files]?: string } = {};

  const load = <T>(field: keyof Files, what: string, parse: (text: string) => T): T | null => {
    const name = tls[field];
    if (name === undefined) return null;
    const file = locate(name);
    const text = read(file);
    if ('problem' in text) {
      refuse(field, `${file} ${text.problem}`);
      return null;
    }
    texts[field] = text.text;
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
  if (problems.length > 0) return problems;
  try {
    createSecureContext(texts);
  } catch (error) {
    // What OpenSSL has against them: a key that is too short, a chain that is cut off.
    const field = tls.cert === undefined ? 'ca' : 'cert';
    refuse(field, `${locate(tls[field] ?? '')} cannot be used (${(error as Error).message}); make a new one`);
  }
  return problems;
}
