import type { IncomingMessage, ServerResponse } from 'node:http';
import { valuesOf, type RawHeaders } from '../headers/raw';

/** How many hints of one request are passed on: they are not held back by a client that does not read. */
export const mostHints = 20;

/** Bytes of one hint's links. */
const mostLinkBytes = 8 * 1024;

/**
 * A link as Node takes it. Node's own pattern takes time without end over some that are malformed; none of those gets
 * past this one, which decides at each character.
 */
const soundLink = /^<[^<>]*>(?:\s*;\s*[^;"\s=]+(?:=(?:"[^;"\s]*"|[^;"\s]*))?)*$/;

/** Many tools (Node's own server is one) put all links into one field; Node takes them one by one only. */
export function soundLinks(raw: RawHeaders): string[] {
  const values = valuesOf(raw, 'link');
  if (values.reduce((sum, value) => sum + value.length, 0) > mostLinkBytes) return [];
  return values.flatMap((value) => value.split(/,\s*(?=<)/)).filter((link) => soundLink.test(link));
}

/** Interim answers (RFC 9110 §15.2): 100 and 103 mean something to a client, and only HTTP/1.1 knows them. */
export class InterimAnswers {
  readonly #res: ServerResponse;
  readonly #expectsContinue: boolean;
  readonly #http10: boolean;
  #continued = false;
  #hints = 0;

  constructor(req: IncomingMessage, res: ServerResponse, expectsContinue: boolean) {
    this.#res = res;
    this.#expectsContinue = expectsContinue;
    this.#http10 = req.httpVersion === '1.0';
  }

  /** The client may send its body; said once. */
  continue(): void {
    if (!this.#expectsContinue || this.#continued || !this.#possible) return;
    this.#continued = true;
    this.#res.writeContinue();
  }

  /** @param raw fields of the tool's interim answer */
  pass(status: number, raw: RawHeaders): void {
    if (status === 100) this.continue();
    if (status !== 103 || !this.#possible || ++this.#hints > mostHints) return;
    const link = soundLinks(raw);
    if (link.length > 0) this.#res.writeEarlyHints({ link });
  }

  get #possible(): boolean {
    return !this.#http10 && !this.#res.headersSent && !this.#res.destroyed;
  }
}
