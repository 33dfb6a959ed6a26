import type { Problem } from './problem';
import type { Readable } from './problems';
import type { Document } from './schema/document';
import { upstreamTlsProblems } from './upstream-tls';

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
  problems.push(...upstreamTlsProblems({ ca: acme.ca }, ['listen', 'https', 'acme'], locate));
  return problems;
}
