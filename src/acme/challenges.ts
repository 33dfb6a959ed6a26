import { readFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isDnsName } from '../config/acme-kinds';
import { writeWhole } from '../listener/write-whole';

export type ChallengeType = 'http-01' | 'tls-alpn-01';

/** What outlives its order by this time was left by a process that died, in milliseconds. */
const longestPending = 3600_000;

/**
 * Pending challenges, as files, so that each gateway that shares the folder can answer for the one that ordered. They
 * hold no secret: a key authorization is what anybody may ask for (RFC 8555 §8.1).
 */
export class Challenges {
  constructor(private readonly folder: string) {}

  /** @param name the token of an http-01 challenge, the domain of a tls-alpn-01 challenge */
  async put(type: ChallengeType, name: string, keyAuthorization: string): Promise<void> {
    await writeWhole(this.#file(type, name), keyAuthorization, 0o600);
  }

  /** The key authorization; null when none is pending. `name` may be anything. */
  async get(type: ChallengeType, name: string): Promise<string | null> {
    if (!isName[type](name)) return null;
    const file = this.#file(type, name);
    try {
      const text = await readFile(file, 'utf8');
      if ((await stat(file)).mtimeMs + longestPending < Date.now()) return null;
      // Where a file system does not tell capitals from small letters, another token may have answered.
      return type === 'http-01' && !text.startsWith(`${name}.`) ? null : text;
    } catch {
      return null;
    }
  }

  async remove(type: ChallengeType, name: string): Promise<void> {
    await rm(this.#file(type, name), { force: true });
  }

  /** Removes what processes that died have left. */
  async sweep(): Promise<void> {
    for (const type of ['http-01', 'tls-alpn-01'] as const) {
      const folder = path.join(this.folder, type);
      for (const name of await readdir(folder).catch(() => [])) {
        const file = path.join(folder, name);
        const written = await stat(file).catch(() => null);
        if (written !== null && written.mtimeMs + longestPending < Date.now()) await rm(file, { force: true });
      }
    }
  }

  #file(type: ChallengeType, name: string): string {
    // It becomes the name of a file: whoever asks, a client or an authority, it is checked.
    if (!isName[type](name)) throw new Error(`${JSON.stringify(name.slice(0, 100))} cannot be a name for ${type}`);
    return path.join(this.folder, type, name);
  }
}

const isName: Readonly<Record<ChallengeType, (name: string) => boolean>> = {
  'http-01': isToken,
  'tls-alpn-01': isDnsName,
};

/** A challenge's token: base64url without padding (RFC 8555 §8.3). */
export function isToken(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,200}$/.test(name);
}
