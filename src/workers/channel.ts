import { packError, unpackError, type ErrorParcel } from './error-parcel';

/** What one side can be told or asked: a name, and a function of one argument. */
export type Calls = object;

type Call = (argument: never) => unknown;
type Name<Theirs> = keyof Theirs & string;
type Argument<Theirs, N extends Name<Theirs>> = Theirs[N] extends (argument: infer A) => unknown ? A : never;
type Answer<Theirs, N extends Name<Theirs>> = Theirs[N] extends Call ? Awaited<ReturnType<Theirs[N]>> : never;

/** A process at the other end, as `node:cluster` has it on either side. */
export interface Port {
  send?(message: object, handle: undefined, options: undefined, sent: () => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

interface Message {
  /** What is called; absent in an answer. */
  readonly name?: string;
  readonly argument?: unknown;
  /** Of a question, and of its answer. */
  readonly id?: number;
  readonly answer?: unknown;
  readonly error?: ErrorParcel;
}

/** Questions and announcements between two processes, in the order in which they are sent. */
export class Channel<Theirs extends Calls> {
  readonly #port: Port;
  readonly #asked = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  #lastId = 0;
  #isOpen = true;

  /** @param calls what the other side may call */
  constructor(port: Port, calls: Calls) {
    this.#port = port;
    const functions = calls as Record<string, Call>;
    port.on('message', (message) => {
      const { name, argument, id, answer, error } = message as Message;
      if (name !== undefined) void this.#called(() => functions[name]?.(argument as never), id);
      else if (id !== undefined) this.#answered(id, answer, error);
    });
    port.on('disconnect', () => this.#closed());
  }

  /** false once the other side has gone, which may be known before its process has ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Announces something. Where the other side has gone, nobody hears it. */
  tell<N extends Name<Theirs>>(name: N, argument: Argument<Theirs, N>): void {
    this.#send({ name, argument });
  }

  /** @throws what the other side threw, and when it goes before it has answered */
  ask<N extends Name<Theirs>>(name: N, argument: Argument<Theirs, N>): Promise<Answer<Theirs, N>> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) {
        reject(gone());
        return;
      }
      const id = ++this.#lastId;
      this.#asked.set(id, { resolve: resolve, reject });
      this.#send({ name, argument, id });
    });
  }

  async #called(call: () => unknown, id: number | undefined): Promise<void> {
    // What fails in an announcement is a mistake like any other.
    if (id === undefined) return void call();
    try {
      this.#send({ id, answer: await call() });
    } catch (error) {
      this.#send({ id, error: packError(error) });
    }
  }

  #answered(id: number, answer: unknown, error: ErrorParcel | undefined): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) asked?.reject(unpackError(error));
    else asked?.resolve(answer);
  }

  #send(message: Message): void {
    if (this.#isOpen) this.#port.send?.(message, undefined, undefined, () => undefined);
  }

  #closed(): void {
    this.#isOpen = false;
    for (const asked of this.#asked.values()) asked.reject(gone());
    this.#asked.clear();
  }
}

const gone = () => new Error('the other process has gone');
