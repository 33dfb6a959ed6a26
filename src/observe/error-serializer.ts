import { printable } from './printable';

export interface SerializedError {
  readonly code: string | null;
  readonly message: string;
  /** The causes, outermost first: `ECONNREFUSED: connect ECONNREFUSED ...`. */
  readonly causes?: readonly string[];
  /** Where an error without a code was thrown: one that nobody expected. */
  readonly at?: readonly string[];
}

const DEPTH = 5;
const LONGEST = 500;
const FRAMES = 8;

/** An error for the log. Only code, message and frames: other properties may hold what was sent (`rawPacket`). */
export function serializeError(error: unknown): SerializedError {
  const chain = causeChain(error);
  const [first, ...causes] = chain.map((link) => ({ code: codeOf(link), message: messageOf(link) }));
  const unexpected = chain.find((link) => link instanceof Error && codeOf(link) === null);
  return {
    code: first?.code ?? null,
    message: first?.message ?? '',
    ...(causes.length > 0 && {
      causes: causes.map(({ code, message }) => (code === null ? message : `${code}: ${message}`)),
    }),
    ...(unexpected instanceof Error && { at: framesOf(unexpected) }),
  };
}

function causeChain(error: unknown): unknown[] {
  const chain: unknown[] = [error];
  while (chain.length < DEPTH) {
    const last = chain.at(-1);
    if (!(last instanceof Error) || last.cause === undefined || chain.includes(last.cause)) break;
    chain.push(last.cause);
  }
  return chain;
}

function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? short(code) : null;
}

function messageOf(error: unknown): string {
  if (error instanceof Error) {
    // All addresses of a host failed: the text is in the parts, the sum has none.
    const part: unknown = error instanceof AggregateError && error.message === '' ? error.errors[0] : error;
    return short(part instanceof Error && part.message !== '' ? part.message : error.name);
  }
  return short(typeof error === 'string' ? error : `thrown: ${typeof error}`);
}

/** Where an error was thrown, innermost first. */
export const framesOf = (error: Error) =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, FRAMES)
    .map((line) => short(line.trim().slice('at '.length)));

const short = (text: string) => printable(text.slice(0, LONGEST));
