import fs from 'node:fs';

/** Characters that may wait for a reader that does not read; what comes on top is lost. */
const MOST_WAITING = 8 * 1024 * 1024;

/** Milliseconds between attempts while the reader's pipe is full, and attempts when the process ends. */
const RETRY_EVERY = 20;
const LAST_ATTEMPTS = 25;

/** Bytes that a pipe takes as a whole or not at all (pipe(7): PIPE_BUF), so that lines of several processes stay whole. */
const PIECE = 4096;

const unwritten = new Set<DescriptorWriter>();
let flushesAtExit = false;

/**
 * Writes lines to a file descriptor, with few system calls for all that a turn of the event loop brings. Lines that
 * cannot be written, for a full disk or a reader that has left, are dropped. In place of pino's own destination, whose
 * `flushSync` waits for ever on such a descriptor (sonic-boom 4.2).
 */
export class DescriptorWriter {
  readonly #fd: number;
  #waiting: string[] = [];
  #length = 0;
  #rest = Buffer.alloc(0);

  constructor(fd: number) {
    this.#fd = fd;
    if (flushesAtExit) return;
    flushesAtExit = true;
    process.on('exit', () => unwritten.forEach((writer) => writer.flushSync()));
  }

  write(line: string): void {
    if (this.#length + line.length > MOST_WAITING) return;
    this.#waiting.push(line);
    this.#length += line.length;
    if (unwritten.has(this)) return;
    unwritten.add(this);
    setImmediate(() => this.#flush());
  }

  /** Writes what waits before it returns; gives a full pipe half a second. */
  flushSync(): void {
    for (let i = 0; i < LAST_ATTEMPTS && !this.#writeAll(); i += 1) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_EVERY);
    }
  }

  #flush(): void {
    if (!this.#writeAll()) setTimeout(() => this.#flush(), RETRY_EVERY).unref();
  }

  /** @returns false when the pipe is full and something still waits */
  #writeAll(): boolean {
    const lines = this.#waiting;
    let next = 0;
    let full = false;
    try {
      while (this.#rest.length > 0 || next < lines.length) {
        if (this.#rest.length === 0) {
          const end = endOfPiece(lines, next);
          this.#rest = Buffer.from(lines.slice(next, end).join(''));
          next = end;
        }
        this.#rest = this.#rest.subarray(fs.writeSync(this.#fd, this.#rest));
      }
    } catch (error) {
      full = (error as NodeJS.ErrnoException).code === 'EAGAIN';
    }
    this.#waiting = full ? lines.slice(next) : [];
    if (!full) this.#rest = Buffer.alloc(0);
    this.#length = this.#waiting.reduce((sum, line) => sum + line.length, this.#rest.length);
    if (!full) unwritten.delete(this);
    return !full;
  }
}

/** The index behind the lines that are written together: as many as fit, one at least. */
function endOfPiece(lines: readonly string[], first: number): number {
  let bytes = 0;
  for (let index = first; index < lines.length; index++) {
    bytes += Buffer.byteLength(lines[index] ?? '');
    if (bytes > PIECE && index > first) return index;
  }
  return lines.length;
}
