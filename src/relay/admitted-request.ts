import { framingByLength, isRepeatable } from '../headers/request';
import type { Passage } from '../mount/passage';
import type { KnownFields } from './known-fields';
import type { RequestLine } from './request-head';
import type { UpstreamPool } from './upstream-pool';

/** A request that the relay serves, and what follows from its head alone: the same for each that has the same head. */
export class AdmittedRequest {
  readonly method: string;
  /** As the client wrote it. */
  readonly target: string;
  readonly passage: Passage;
  readonly known: KnownFields;
  /** Bytes of its body. */
  readonly length: number;
  /** Whether it may be sent once more; see `isRepeatable`. */
  readonly repeatable: boolean;
  readonly pool: UpstreamPool;
  /** What `outbound` returned last, and for what. */
  #outbound = '';
  #traced: boolean | null = null;

  constructor({ method, target }: RequestLine, passage: Passage, pool: UpstreamPool, known: KnownFields) {
    const { length } = known.fields;
    this.method = method;
    this.target = target;
    this.passage = passage;
    this.pool = pool;
    this.known = known;
    this.length = Number(length ?? 0);
    this.repeatable = isRepeatable(method, framingByLength(method, length));
  }

  /**
   * The head of the request to the tool, but for `singleFields` and the empty line.
   * @param traced whether the gateway takes part in its trace
   */
  outbound(traced: boolean): string {
    if (traced !== this.#traced) {
      const { mount, upstreamTarget } = this.passage;
      const common = this.known.outbound(this.method, mount, traced);
      this.#outbound = `${this.method} ${upstreamTarget} HTTP/1.1\r\n${common}`;
      this.#traced = traced;
    }
    return this.#outbound;
  }
}
