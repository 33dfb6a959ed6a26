import { decoders } from './decoders';

/**
 * The beginning of a body without its content coding (RFC 9110 §8.4). Never rejects: what cannot be decoded ends there,
 * and what a broken-off body has been decoded to is of use as well.
 * @param coding of Content-Encoding, as it stands there; '' is none
 * @param most bytes of the result: a small body can become a very large one
 * @returns null for a coding that is not known, or for several
 */
export function decoded(bytes: Buffer, coding: string, most: number): Promise<Buffer | null> {
  const name = coding.trim().toLowerCase();
  if (name === '' || name === 'identity') return Promise.resolve(bytes.subarray(0, most));
  const create = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (!create) return Promise.resolve(null);
  return new Promise((resolve) => {
    const decoder = create();
    const parts: Buffer[] = [];
    let size = 0;
    const finish = () => {
      resolve(Buffer.concat(parts).subarray(0, most));
      decoder.destroy();
    };
    decoder.on('error', finish);
    decoder.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size >= most) finish();
    });
    decoder.on('end', finish);
    decoder.end(bytes);
  });
}
