import type { Way } from '../../../src/observe/request-outcome';
import type { RawMount } from '../gateway';

/**
 * How requests come in: by the relay, bytes from one socket to the other; by a detour, where the relay's reader keeps the
 * connection and the app gets the request; or by Node's parser, for good, which leads to the app too.
 */
export type Entrance = Way | 'detour';

/** Of the jest project that runs. */
export const entrance = (globalThis as { readonly way?: Entrance }).way ?? 'relay';

/** What takes a mount's requests from the relay and from nothing else: a limit that nobody comes to. */
const uncounted = { rateLimit: { requests: 1_000_000, per: '1h' } };

/** What a mount needs for its requests to come in so. */
export const mountFor = (by: Entrance): Partial<RawMount> => (by === 'detour' ? uncounted : {});
