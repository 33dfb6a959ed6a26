interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

const html = new Set(['text/html', 'application/xhtml+xml']);
const json = new Set(['application/json', 'application/problem+json', 'application/*']);

/**
 * Whether an `Accept` field (RFC 9110 section 12.5.1) asks for a page: only where HTML is named, as browsers do when
 * they navigate, and no kind of JSON is wanted as much. Programs that accept anything, or say nothing, get JSON.
 */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(parseRange);
  const best = (types: ReadonlySet<string>): number =>
    ranges.reduce((most, { type, quality }) => (types.has(type) ? Math.max(most, quality) : most), 0);
  return best(html) > best(json);
}
