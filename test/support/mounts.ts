import { resolveConfig } from '../../src/config/load';
import { compileMount, type Mount } from '../../src/mount/mount';
import type { RawMount } from './gateway';

/** Mounts as the program makes them from a configuration. */
export function mountsOf(...mounts: readonly RawMount[]): Mount[] {
  return resolveConfig({ mounts, listen: { https: { port: 1 }, http: 'off' } }).mounts.map(compileMount);
}

export function mountOf(mount: Partial<RawMount> = {}): Mount {
  const [made] = mountsOf({ name: 'kPow', path: '/kpow', target: 'http://localhost:3000', ...mount });
  if (!made) throw new Error('no mount');
  return made;
}
