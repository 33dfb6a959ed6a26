import type { MountConfig } from '../config/config';

/**
 * Whether an answer of a tool is a reason to look after its health now. 502 to 504 say that somebody is not well; of kPow
 * any 5xx does, since its pages are gone in its ERROR state. Other tools may answer 500 where one of their requests is wrong.
 */
export function isSuspicious(status: number, { kind }: Pick<MountConfig, 'kind'>): boolean {
  return status >= 500 && (kind === 'kpow' || (status >= 502 && status <= 504));
}
