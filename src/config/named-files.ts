import type { Config } from './config';
import { isImage } from './resolve';

/**
 * Absolute paths of the files that the mounts of a configuration name, which are read with it: certificates for tools
 * and images. The listener's certificates are taken anew without a reload.
 */
export function namedFiles({ mounts }: Pick<Config, 'mounts'>): string[] {
  return mounts.flatMap(({ tls: { ca, cert, key }, icon }) =>
    [ca, cert, key, isImage(icon) ? icon : null].filter((file) => file !== null),
  );
}
