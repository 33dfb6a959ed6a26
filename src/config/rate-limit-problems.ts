import type { Problem } from './problem';
import type { Readable } from './problems';
import type { Document } from './schema/document';
import { upstreamTlsProblems } from './upstream-tls';

/** What does not fit together within `rateLimitStore`. */
export function rateLimitStoreProblems(
  store: Readable<Document>['rateLimitStore'],
  locate: (file: string) => string,
): Problem[] {
  if (typeof store !== 'object') return [];
  const { url, password, ca } = store;
  const problems: Problem[] = [];
  if (password !== undefined && url !== undefined && url.password !== '')
    problems.push({ path: ['rateLimitStore', 'password'], message: 'is in url too; take one of them out' });
  if (ca !== undefined) {
    if (url?.tls === false)
      problems.push({ path: ['rateLimitStore', 'ca'], message: 'is for TLS; write rediss:// in url, or take ca out' });
    else problems.push(...upstreamTlsProblems({ ca }, ['rateLimitStore'], locate));
  }
  return problems;
}
