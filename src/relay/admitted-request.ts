import { framingByLength, isRepeatable } from '../headers/request';
import type { Passage } from '../mount/passage';
import type { KnownFields } from './known-fields';
import type { RequestLine } from './request-head';
import type { Mount } from '../mount/mount';
import { valuesOf } from '../headers/raw';
import type { Route, Upstream } from '../upstream/route';

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
  readonly route: Route;
  /** The target that a cookie of the gateway's names; null for none. */
  readonly preferred: Upstream | null;
  /** What `outbound` returned last, and for what. */
  #outbound = '';
  #mount: Mount | null = null;
  #traced = false;

  constructor({ method, target }: RequestLine, passage: Passage, route: Route, known: KnownFields) {
    const { length } = known.fields;
    this.method = method;
    this.target = target;
    this.passage = passage;
    this.route = route;
    this.preferred = route.sticky?.read(valuesOf(known.fields.raw, 'cookie')) ?? null;
    this.known = known;
    this.length = Number(length ?? 0);
    this.repeatable = isRepeatable(method, framingByLength(method, length));
  }

  /**
   * The head of the request to the tool, but for `singleFields` and the empty line.
   * @param mount that of its target
   * @param traced whether the gateway takes part in its trace
   */
  outbound(mount: Mount, traced: boolean): string {
    if (mount !== this.#mount || traced !== this.#traced) {
      const { upstreamTarget } = this.passage;
      const common = this.known.outbound(this.method, mount, traced);
      this.#outbound = `${this.method} ${upstreamTarget} HTTP/1.1\r\n${common}`;
      this.#mount = mount;
      this.#traced = traced;
    }
    return this.#outbound;
  }
}
