import { hasBody } from '../headers/answer-framing';
import { valuesOf, type RawHeaders } from '../headers/raw';
import { pathOf } from '../mount/path';

/** What is rewritten of a tool's bodies: documents, HTML that is no document of its own, style sheets, manifests. */
export type BodyKind = 'document' | 'fragment' | 'style' | 'manifest';

const kinds: Readonly<Record<string, BodyKind>> = {
  'text/html': 'document',
  'text/css': 'style',
  'application/manifest+json': 'manifest',
};

const isJson = /^(?:application|text)\/(?:.*\+)?json$/;

/** As manifests are called: `manifest.json`, `app-manifest.v2.json`, `site.webmanifest`. */
function isManifestPath(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return name.endsWith('.webmanifest') || (name.endsWith('.json') && name.includes('manifest'));
}

/** Charsets in which a byte below 0x80 is not always the ASCII character (WHATWG Encoding). */
const notAscii = /^(?:utf-?16|utf-?32|ucs-?2|unicode|iso-10646|csunicode|iso-2022|csiso2022|utf-?7|hz-)/i;

/** The request, as far as its answer's kind depends on it. */
export interface Asked {
  readonly method: string;
  readonly fields: RawHeaders;
}

/**
 * What is to be done with an answer's body, as its type says, whether there is a body (a HEAD's has the same fields).
 * @param fields of the tool's answer
 * @param target of the request, as the tool got it
 * @returns null for a body that stays as it is
 */
export function bodyKind(asked: Asked, status: number, fields: RawHeaders, target: string): BodyKind | null {
  if (status === 204 || status === 101) return null;
  const [type = ''] = valuesOf(fields, 'content-type');
  const [essence = '', ...parameters] = type.split(';');
  // What is saved to a file is data.
  if (valuesOf(fields, 'content-disposition').some((value) => /^\s*attachment\b/i.test(value))) return null;
  for (const parameter of parameters) {
    const charset = /^\s*charset\s*=\s*"?([^"\s]+)/i.exec(parameter)?.[1];
    if (charset !== undefined && notAscii.test(charset)) return null;
  }
  const name = essence.trim().toLowerCase();
  const dest = destinationOf(asked);
  // Many a server knows no other type for it. What is asked for as one alone says nothing: an API's JSON is its own.
  if (dest === 'manifest' && isJson.test(name) && isManifestPath(pathOf(target))) return 'manifest';
  const kind = (Object.hasOwn(kinds, name) && kinds[name]) || null;
  return kind === 'document' && !isNavigation(asked, dest) ? 'fragment' : kind;
}

/** Whether the answer really has a body that can be rewritten. */
export function hasRewritableBody({ method }: Asked, status: number): boolean {
  return hasBody(method, status);
}

/**
 * Fetch Metadata §2.1; '' where the browser does not say: it is old, or the page came over plain http. Browsers send one
 * line: several are no destination that anything is given for.
 */
export function destinationOf({ fields }: Asked): string {
  return valuesOf(fields, 'sec-fetch-dest').join(',').trim().toLowerCase();
}

const documents = new Set(['document', 'iframe', 'frame', 'embed', 'object', 'fencedframe']);

/** Whether a browser is to show the answer as a document, in which the run-time script then has to be. */
function isNavigation({ fields }: Asked, dest: string): boolean {
  if (dest !== '') return documents.has(dest);
  if (valuesOf(fields, 'x-requested-with').length > 0) return false;
  const accepts = valuesOf(fields, 'accept');
  return accepts.length === 0 || accepts.some((value) => /text\/html/i.test(value));
}
