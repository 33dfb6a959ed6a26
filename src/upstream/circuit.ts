import type { ProxyErrorCode } from './proxy-error';

/** What there is to know of a circuit, but for the failures that have not opened it. */
export interface CircuitState {
  readonly openSince: Date | null;
  readonly costly: boolean;
}

/**
 * Counts the connects to a target that failed in a row; so many open it, and any that succeeds closes it. Whoever tries
 * meanwhile whether it can be closed does so without a client's request.
 */
export class Circuit {
  readonly #most: number;
  #failures = 0;
  #costly = false;
  #openSince: Date | null = null;

  /** @param most failures in a row */
  constructor(most: number) {
    this.#most = most;
  }

  get openSince(): Date | null {
    return this.#openSince;
  }

  get isOpen(): boolean {
    return this.#openSince !== null;
  }

  /** Whether a request would most likely wait for its connect in vain: one that is refused at once costs nobody much. */
  get blocks(): boolean {
    return this.#openSince !== null && this.#costly;
  }

  get state(): CircuitState {
    return { openSince: this.#openSince, costly: this.#costly };
  }

  set state({ openSince, costly }: CircuitState) {
    this.#openSince = openSince;
    this.#costly = costly;
  }

  /** @returns whether that has opened it */
  failed(code: ProxyErrorCode): boolean {
    this.#failures++;
    this.#costly = isCostly(code);
    if (this.#openSince !== null || this.#failures < this.#most) return false;
    this.#openSince = new Date();
    return true;
  }

  /** @returns whether that has closed it */
  connected(): boolean {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    this.#openSince = null;
    return wasOpen;
  }
}

/** Whether a client waited for it. */
export function isCostly(code: ProxyErrorCode): boolean {
  return code === 'UPSTREAM_CONNECT_TIMEOUT';
}
