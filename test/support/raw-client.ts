import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A client that writes exactly the bytes it is given, over TLS or not. */
export class RawClient {
  #received = Buffer.alloc(0);
  readonly #waiting = new Set<() => void>();
  #closed = false;

  /** @param tcp below `socket`; the same where there is no TLS */
  private constructor(
    readonly socket: Socket,
    readonly tcp: Socket,
  ) {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    socket.once('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Resolves when the connection (and the TLS handshake) is made. */
  static async connect(port: number, tls = true): Promise<RawClient> {
    const tcp = connectTcp({ port, host: '127.0.0.1' });
    const socket = tls ? connectTls({ socket: tcp, rejectUnauthorized: false, servername: 'localhost' }) : tcp;
    const client = new RawClient(socket, tcp);
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', () => resolve());
      socket.once('error', reject);
    });
    return client;
  }

  /** What has arrived, a character a byte. */
  get text(): string {
    return this.#received.toString('latin1');
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Resolves with all that has arrived once it contains `text`; rejects when the connection closes before. */
  async until(text: string | RegExp): Promise<string> {
    const there = () => (typeof text === 'string' ? this.text.includes(text) : text.test(this.text));
    while (!there()) {
      if (this.#closed) throw new Error(`closed before ${String(text)} arrived; received: ${this.text}`);
      await this.#next();
    }
    return this.text;
  }

  /** Resolves once the condition holds, which is looked at whenever bytes arrive, or the connection is closed. */
  async once(there: () => boolean): Promise<void> {
    while (!this.#closed && !there()) await this.#next();
  }

  /** Resolves with all that arrived when the connection is closed. */
  async end(): Promise<string> {
    while (!this.#closed) await this.#next();
    return this.text;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Leaves with a TCP reset. */
  reset(): void {
    this.tcp.resetAndDestroy();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** Sends one raw request and returns all that comes back until the connection closes. */
export async function exchangeRaw(port: number, request: string, tls = true): Promise<string> {
  const client = await RawClient.connect(port, tls);
  return client.write(request).end();
}
