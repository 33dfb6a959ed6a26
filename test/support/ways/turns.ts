/**
 * Resolves when all sockets of this process have been looked at: what was written before has arrived by then. Two turns
 * of the event loop do it, for the first may be behind its sockets already.
 */
export async function turns(count = 2): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}
