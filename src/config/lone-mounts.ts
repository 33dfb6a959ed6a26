import { readFileSync, realpathSync, statSync } from 'node:fs';

/** A file that is a mount point of its own, as a container engine makes one of `--volume FILE:FILE`. */
export interface LoneMount {
  readonly file: string;
  /** Whether what is mounted is no longer what has its name outside: what is read here will not change any more. */
  readonly isStale: boolean;
}

/**
 * Those of the files that are mounted by themselves (Linux; none elsewhere). Such a mount leads to the file and not to
 * its name. Whoever replaces it outside, as `sed -i`, git and most editors do, gives the name to another file, which is
 * never seen here.
 */
export class LoneMounts {
  /** What each mount led to when it was seen first: it stays the same file, and may be renamed. */
  readonly #roots = new Map<string, string>();
  readonly #mountInfo: () => string;

  /** @param mountInfo reads the text of /proc/self/mountinfo */
  constructor(mountInfo: () => string = () => readFileSync('/proc/self/mountinfo', 'latin1')) {
    this.#mountInfo = mountInfo;
  }

  /** @param files absolute paths */
  among(files: Iterable<string>): LoneMount[] {
    const points = this.#points();
    return [...new Set(files)].flatMap((file) => {
      const real = realName(file);
      const root = real === null ? undefined : points.get(real);
      if (real === null || root === undefined) return [];
      const first = this.#roots.get(real) ?? root;
      this.#roots.set(real, first);
      return [{ file, isStale: root !== first || root.endsWith(deleted) || hasNoName(real) }];
    });
  }

  /** What is mounted where; of several at one place the last, which covers the others. */
  #points(): Map<string, string> {
    try {
      const lines = this.#mountInfo().split('\n');
      // proc_pid_mountinfo(5): the fourth field is the root of the mount in its file system, the fifth the mount point.
      return new Map(
        lines.map((line) => {
          const [, , , root = '', point = ''] = line.split(' ');
          return [unescaped(point), unescaped(root)];
        }),
      );
    } catch {
      return new Map();
    }
  }
}

/** What the kernel puts behind the name of a file that has none any more. */
const deleted = '//deleted';

/** Spaces and the like are written in octal digits; bytes beyond ASCII stand as they are. */
function unescaped(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** Follows links; null for what is not there, and for a folder. */
function realName(file: string): string | null {
  try {
    const real = realpathSync(file);
    return statSync(real).isDirectory() ? null : real;
  } catch {
    return null;
  }
}

function hasNoName(file: string): boolean {
  try {
    return statSync(file).nlink === 0;
  } catch {
    return false;
  }
}

/** What people should know of such files: a sentence each. */
export function loneMountWarnings(mounts: readonly LoneMount[]): string[] {
  return mounts.map(({ file, isStale }) =>
    isStale
      ? `${file} is mounted by itself, and has been replaced outside, as sed -i, git and most editors do: what is read here is still the old file. Restart the container, and mount the file's folder instead`
      : `${file} is mounted by itself: once it is replaced outside, as sed -i, git and most editors do, no change is seen here any more. Mount the file's folder instead`,
  );
}
