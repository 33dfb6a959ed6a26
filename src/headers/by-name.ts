import { flatText } from './flat-text';

/** Names that are remembered; whoever makes up more costs everybody a little time, and no more memory. */
const mostNames = 1_000;
const longestName = 64;

/**
 * Remembers what follows from a field's name alone, which is asked for with every field of every message.
 * @param work is given the name in lower case
 * @returns the same for a name as it stood on the wire, latin1
 */
export function byName<Result>(work: (name: string) => Result): (field: string) => Result {
  const known = new Map<string, Result>();
  return (field) => {
    const before = known.get(field);
    if (before !== undefined) return before;
    const result = work(field.toLowerCase());
    if (field.length <= longestName) {
      if (known.size >= mostNames) known.clear();
      // Or it would keep a client's whole head.
      known.set(flatText(field), result);
    }
    return result;
  };
}
