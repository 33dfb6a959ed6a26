import type { Timeouts } from '../config/config';
import type { RawHeaders } from '../headers/raw';
import type { ProxyErrorCode } from '../upstream/proxy-error';
import type { AnswerHead } from './answer-head';
import type { UpstreamConnection } from './upstream-connection';

/** A request as the tool is to get it: built fresh, with nothing left to decide. */
export interface UpstreamRequest {
  readonly method: string;
  /** latin1: request line, field lines and the empty line. */
  readonly head: string;
  /** Bytes of body that follow. */
  readonly length: number;
  readonly websocket: boolean;
  /** Whether it may be sent once more where it met a connection that the tool was just closing. */
  readonly repeatable: boolean;
  readonly timeouts: Timeouts;
  /** When it was sent, on the clock of `performance.now()`. */
  readonly sentAt: number;
}

/**
 * Who gets the answer, whatever kind of connection asked. The calls come in this order: any number of `interim`, then
 * `answered`, any number of `body`, and `ended`; or `upgraded`; and instead of all that has not come yet, `failed`.
 */
export interface AnswerSink {
  /** There is a connection to the tool, which is a new one. */
  connected(): void;
  /** The request met a closing connection, and is sent once more on this one. */
  resent(connection: UpstreamConnection): void;
  /** 1xx, without 101 (RFC 9110 §15.2). */
  interim(status: number, raw: RawHeaders): void;
  /** @param bodiless whether no body follows, whatever the head says (RFC 9112 §6.3) */
  answered(head: AnswerHead, bodiless: boolean): void;
  /**
   * A piece of the body as the tool framed it: chunks come with their framing. The bytes are the sink's only until it
   * returns.
   * @param data how many of them are data
   */
  body(bytes: Buffer, start: number, end: number, data: number): void;
  /** A short body as a whole, latin1, instead of `body`; it is one of a length that the head tells. */
  text(body: string): void;
  /** The whole answer has arrived. @param trailers of a chunked body, raw @param now by the clock of `performance.now()` */
  ended(trailers: RawHeaders, now: number): void;
  /** The tool has accepted the websocket. @param first what came right behind its 101 */
  upgraded(head: AnswerHead, connection: UpstreamConnection, first: Buffer): void;
  /**
   * There will be no answer, or no end of it.
   * @param unsent whether there was no connection, so that nothing of the request has been sent
   */
  failed(reason: ProxyErrorCode | Error, unsent: boolean): void;
  /**
   * All that has arrived so far has been told, and the answer goes on.
   * @returns false to hold the rest back until `resume`
   */
  wantsMore(): boolean;
  /** The tool has taken what it was sent of the body: there is room for more. */
  drained(): void;
}
