import type { Log } from '../observe/log';
import { framesOf } from '../observe/error-serializer';
import { whenToldToEnd } from './end-signals';

/** The exit code of a mistake in the program itself (sysexits.h: EX_SOFTWARE). */
export const mistake = 70;

/** So many mistakes end the process at once: it does not come to its end by itself. */
const mostMistakes = 10;

/** npm passes on the Ctrl-C that the terminal has sent to the gateway as well: within these milliseconds it is one. */
const sameKey = 500;

/**
 * Resolves with the exit code when it is time to drain: a signal, or a mistake in the program.
 * @param begins called with the first signal, before that
 */
export function untilEnd(log: Log, begins: (signal: NodeJS.Signals) => void): Promise<number> {
  const told = new Promise<number>((resolve) => {
    let draining: number | null = null;
    whenToldToEnd((signal) => {
      if (draining !== null) {
        if (signal === 'SIGINT' && performance.now() - draining < sameKey) return;
        // Whoever asks twice does not want to wait.
        process.exit(1);
      }
      draining = performance.now();
      begins(signal);
      resolve(0);
    });
  });
  return Promise.race([told, untilMistake(log)]);
}

/**
 * Resolves with the exit code when an error has been thrown that nobody caught.
 *
 * It has left something half done, and nobody knows what: errors that concern one connection alone are caught where they
 * are thrown. So none is known to leave the rest sound, and the process does not go on with any. It ends what is under
 * way, for which others need not pay, and whoever runs it starts another.
 */
export function untilMistake(log: Log): Promise<number> {
  return new Promise((resolve) => {
    let mistakes = 0;
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error: unknown) => {
        mistakes++;
        tell(log, event, error);
        if (mistakes >= mostMistakes) process.exit(mistake);
        resolve(mistake);
      });
    }
  });
}

/** Throws nothing: an error in here would end the process at once, and hide the one that it is about. */
function tell(log: Log, event: string, error: unknown): void {
  try {
    const at = error instanceof Error ? framesOf(error) : [];
    const message = 'A mistake in the gateway itself: draining, then ending. Please report it.';
    if (log.isLevelEnabled('fatal')) log.fatal({ err: error, event, at }, message);
    else process.stderr.write(`${message} ${event}: ${[String(error), ...at].join('\n    at ')}\n`);
  } catch {
    // There is nowhere to tell it.
  }
}
