import { X509Certificate } from 'node:crypto';
import type { Problem } from './problem';
import type { Readable } from './problems';
import { readText } from './read-text';
import type { Document } from './schema/document';

/** The rules between `listen.https.acme` and other fields. */
export function acmeProblems(listen: Readable<Document>['listen'], locate: (file: string) => string): Problem[] {
  const { https, http } = listen ?? {};
  if (typeof https !== 'object' || https.acme === undefined) return [];
  const { acme } = https;
  const problems: Problem[] = [];
  for (const field of ['cert', 'key'] as const) {
    if (https[field] === undefined) continue;
    const message = 'is of no use beside acme, which brings its own; take this line out, or acme';
    problems.push({ path: ['listen', 'https', field], message });
  }
  const httpOff = http === 'off' || (typeof http === 'object' && http.mode === 'off');
  if (acme.challenge === 'http-01' && httpOff)
    problems.push({
      path: ['listen', 'https', 'acme', 'challenge'],
      message:
        'http-01 is answered by listen.http, which is off (the authority comes to port 80); turn listen.http on, or write tls-alpn-01',
    });
  if (acme.ca !== undefined) {
    const problem = authorityProblem(locate(acme.ca));
    if (problem !== null) problems.push({ path: ['listen', 'https', 'acme', 'ca'], message: problem });
  }
  return problems;
}

function authorityProblem(file: string): string | null {
  const content = readText(file);
  if ('problem' in content) return `${file} ${content.problem}`;
  try {
    new X509Certificate(content.text);
    return null;
  } catch {
    return `${file} is not a certificate in PEM form; convert it with openssl`;
  }
}
