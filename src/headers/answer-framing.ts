import { hasField } from './raw';

/** Whether an answer has a body, whatever its fields say (RFC 9112 §6.3). */
export function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/**
 * An answer's fields less those that its framing rules out: trailers come with chunks only, and a 204 has no length
 * (RFC 9110 §6.6.2, §8.6).
 */
export function framedFields(fields: string[], status: number, chunked: boolean): string[] {
  if (chunked || (status !== 204 && !hasField(fields, 'trailer'))) return fields;
  return fields.filter((_, i) => {
    const name = fields[i - (i % 2)]?.toLowerCase();
    return name !== 'trailer' && !(status === 204 && name === 'content-length');
  });
}

/** A reason phrase, which is nothing but decoration: one with bytes that it may not have (RFC 9112 §4) is left out. */
export function soundReason(reason: string): string {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(reason) ? reason : '';
}
