import type { Target } from '../config/config';
import type { UpstreamTlsOptions } from '../upstream/agent';
import type { KeepAlive } from '../upstream/keep-alive';
import { AnswerHeads } from './answer-heads';
import { UpstreamConnection } from './upstream-connection';
import type { AnswerSink, UpstreamRequest } from './upstream-exchange';

export interface UpstreamRoute {
  readonly target: Target;
  readonly tls: UpstreamTlsOptions;
  /** Bytes that the head of an answer may have. */
  readonly maxHead: number;
}

/** nginx: `keepalive` of an upstream. */
const mostIdle = 256;

/**
 * Connections to one tool, kept open for the next request: the one that was used last goes first, so that those which
 * are not needed become old and are closed.
 */
export class UpstreamPool {
  readonly target: Target;
  readonly tls: UpstreamTlsOptions;
  readonly maxHead: number;
  readonly keepAlive: KeepAlive;
  readonly heads = new AnswerHeads();
  /** What a new TLS connection is resumed from. */
  session: Buffer | null = null;
  readonly #idle: UpstreamConnection[] = [];
  #open = 0;
  #ended = false;

  constructor({ target, tls, maxHead }: UpstreamRoute, keepAlive: KeepAlive) {
    this.target = target;
    this.tls = tls;
    this.maxHead = maxHead;
    this.keepAlive = keepAlive;
  }

  /** How many connections carry a request, and how many wait for one; websockets are neither. */
  get counts(): { readonly active: number; readonly idle: number } {
    return { active: this.#open - this.#idle.length, idle: this.#idle.length };
  }

  /**
   * Sends a request on a kept connection, or on a new one.
   * @param first the beginning of its body; may be empty
   * @throws where a connection cannot even be begun, as with TLS files that are of no use
   */
  send(request: UpstreamRequest, sink: AnswerSink, first: Buffer): UpstreamConnection {
    const connection = this.#idle.pop() ?? this.connect();
    connection.send(request, sink, first);
    return connection;
  }

  /** @throws as `send` does */
  connect(): UpstreamConnection {
    const connection = new UpstreamConnection(this);
    this.#open++;
    return connection;
  }

  /** Closes what is idle now and whatever becomes idle later. */
  end(): void {
    this.#ended = true;
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  /** A connection could carry another request. @returns false when it is not wanted any more */
  keep(connection: UpstreamConnection): boolean {
    if (this.#ended || this.#idle.length >= mostIdle) return false;
    this.#idle.push(connection);
    return true;
  }

  /** A connection is gone, or is a websocket now. */
  forget(connection: UpstreamConnection): void {
    this.#open--;
    const index = this.#idle.lastIndexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }
}
