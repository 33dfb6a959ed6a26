type Handler = (signal: NodeJS.Signals) => void;

let current: Handler | null = null;

/**
 * Decides what SIGTERM and SIGINT do from now on. The first process of a container has no default for them, so a command
 * that runs until a signal has to listen before it is loaded, which takes a moment. A signal of that moment is delivered
 * after it, to whoever has decided last; taking one listener away for the next would lose it.
 */
export function whenToldToEnd(handler: Handler): void {
  if (current === null)
    for (const event of ['SIGTERM', 'SIGINT'] as const) process.on(event, (signal) => current?.(signal));
  current = handler;
}
