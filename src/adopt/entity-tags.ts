/**
 * Entity tags (RFC 9110 §8.8.3) of bodies that the gateway rewrites. A rewritten body is another representation than the
 * tool's, so it has a tag of its own, from which the tool's can be made again.
 */
const suffix = '.adopted';

/** An ETag with its weakness, and what stands in its quotes. */
const tag = /^(\s*(?:W\/)?")([^"]*)("\s*)$/;
const tags = /((?:W\/)?")([^"]*)(")/g;

/** The tag of a rewritten body; what is no tag stays as it is. @param value of ETag */
export function adoptedTag(value: string): string {
  return value.replace(tag, (_, open: string, inner: string, close: string) => `${open}${inner}${suffix}${close}`);
}

/** Whether a field names a body that the gateway has rewritten. @param value of If-None-Match, If-Match or If-Range */
export function namesAdopted(value: string): boolean {
  return value.includes(`${suffix}"`);
}

/** The same field with the tool's own tags. @param value of If-None-Match or If-Match */
export function toolTags(value: string): string {
  return value.replace(tags, (whole, open: string, inner: string, close: string) =>
    inner.endsWith(suffix) ? `${open}${inner.slice(0, -suffix.length)}${close}` : whole,
  );
}
