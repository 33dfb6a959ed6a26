import type { IncomingMessage, ServerResponse } from 'node:http';
import { mostInterim } from '../headers/interim';

/** Interim answers (RFC 9110 §15.2), which only HTTP/1.1 knows. */
export class InterimAnswers {
  readonly #res: ServerResponse;
  readonly #expectsContinue: boolean;
  readonly #http10: boolean;
  #continued = false;
  #passed = 0;

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

  /** @param text makes the bytes of the tool's interim answer for the client; see `interimText` */
  pass(status: number, text: () => string): void {
    if (status === 100) this.continue();
    else if (this.#possible && ++this.#passed <= mostInterim) this.#res.socket?.write(text(), 'latin1');
  }

  get #possible(): boolean {
    return !this.#http10 && !this.#res.headersSent && !this.#res.destroyed;
  }
}
