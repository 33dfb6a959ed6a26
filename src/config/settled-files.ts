import { setTimeout as pause } from 'node:timers/promises';
import { isSame, lookAgain, lookNow, type Look } from './file-look';

/** Milliseconds without a change after which a file is taken for whole: it may be under way of being written. */
export const settleTime = 300;

/** What files were at a look, by name. */
export type Looks = ReadonlyMap<string, Look>;

export function looksAt(files: Iterable<string>): Looks {
  return new Map([...files].map((file) => [file, lookNow(file)]));
}

/** Those of the files that were otherwise at the other look, or of which it knows nothing. */
export function differing(looks: Looks, others: Looks): string[] {
  return [...looks].flatMap(([file, look]) => {
    const other = others.get(file);
    return other !== undefined && isSame([look], [other]) ? [] : [file];
  });
}

/**
 * Waits until none of the files has changed for a while.
 * @param changing called once, where one of them does
 * @param isWanted false as soon as nobody waits for it any more
 */
export async function settled(
  files: Iterable<string>,
  changing: () => void,
  isWanted: () => boolean = () => true,
): Promise<Looks> {
  let looks = looksAt(files);
  for (let told = false; looks.size > 0 && isWanted();) {
    await pause(settleTime, null, { ref: false });
    const again = await Promise.all(
      [...looks].map(async ([file, look]) => [file, await lookAgain(file, look)] as const),
    );
    const before = looks;
    looks = new Map(again);
    if (differing(looks, before).length === 0) break;
    if (!told) changing();
    told = true;
  }
  return looks;
}
