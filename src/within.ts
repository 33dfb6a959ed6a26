/**
 * The outcome of something, or a failure when it takes longer.
 * @param limit milliseconds
 */
export async function within<T>(limit: number, outcome: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`no answer within ${limit} ms`));
    // When it is this process that was late, the answer may be there to be read: timers come before it in a turn of the
    // event loop, immediates behind it.
    timer = setTimeout(() => setImmediate(fail), limit);
    timer.unref();
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}
