import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config';

/** Names told of at most in one place. */
const mostTold = 20;

/** What one configuration has otherwise than the one before: a few words each; none where they are the same. */
export function configChanges(before: Config, after: Config): string[] {
  const { mounts: was, ...settingsBefore } = before;
  const { mounts: is, ...settingsAfter } = after;
  const old = new Map(was.map((mount) => [mount.path, mount]));
  const paths = new Set(is.map(({ path }) => path));
  const added = is.filter(({ path }) => !old.has(path)).map(({ path }) => path);
  const gone = was.filter(({ path }) => !paths.has(path)).map(({ path }) => path);
  const changed = is.flatMap((mount) => {
    // `target` is the first of `targets`, which stands as `target` in the file.
    const { targets: target, ...rest } = mount;
    const { targets: targetBefore, ...restBefore } = old.get(mount.path) ?? mount;
    const fields = differingKeys({ ...restBefore, target: targetBefore }, { ...rest, target });
    return fields.length === 0 ? [] : [`${mount.path} (${fields.join(', ')})`];
  });
  const settings = differingKeys(settingsBefore, settingsAfter);
  const kept = (mounts: Config['mounts']) =>
    mounts.map(({ path }) => path).filter((path) => old.has(path) && paths.has(path));
  const reordered = !isDeepStrictEqual(kept(was), kept(is));
  return [
    ...told('mounts added', added),
    ...told('mounts gone', gone),
    ...told('mounts changed', changed),
    ...(reordered ? ['mounts in another order'] : []),
    ...told('settings changed', settings),
  ];
}

/** @returns the words and the names; nothing where there are none */
export function told(words: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > mostTold ? [`${names.length - mostTold} more`] : [];
  return [`${words}: ${[...names.slice(0, mostTold), ...more].join(', ')}`];
}

function differingKeys(before: object, after: object): string[] {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...was.keys(), ...is.keys()])].filter((key) => !isDeepStrictEqual(was.get(key), is.get(key)));
}
