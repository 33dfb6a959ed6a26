import { lstatSync } from 'node:fs';
import path from 'node:path';
import type { Config } from './config';
import { loadConfig } from './load';

/** Read unless another file is named; in the working folder. */
export const defaultFile = 'config/gateway.yaml';

/** The folder of the program itself, with the files that come with it. */
const home = path.join(__dirname, '..', '..');

/** A file that comes with the program. */
export const shipped = (name: string) => path.join(home, name);

/** Where `serve` and `check` read the configuration, at the start and again at each reload. */
export class ConfigSource {
  #file: string;
  #isShipped: boolean;
  #say: (line: string) => void = () => undefined;
  readonly #withoutTools: boolean;

  /**
   * @param named by --config; without it the default file, or where there is none, the one that comes with the program
   * @param withoutTools whether files that one tool needs may be of no use
   */
  constructor(named?: string, { withoutTools = false } = {}) {
    this.#withoutTools = withoutTools;
    this.#isShipped = named === undefined && !isThere(defaultFile);
    this.#file = this.#isShipped ? shipped(defaultFile) : (named ?? defaultFile);
  }

  get file(): string {
    return this.#file;
  }

  /** Absolute paths of the files in which another configuration may appear; none where it is in a variable. */
  get files(): readonly string[] {
    if (this.#file.startsWith('env:')) return [];
    return (this.#isShipped ? [this.#file, defaultFile] : [this.#file]).map((file) => path.resolve(file));
  }

  /** @param say told, now and later, what people may not expect: that it is not their own file that is read */
  tell(say: (line: string) => void): void {
    this.#say = say;
    if (this.#isShipped)
      say(
        `There is no ${defaultFile} in ${process.cwd()}; using the one that comes with the gateway, with kPow at KPOW_URL (http://localhost:3000 unless set). To have it here and edit it: kpow-gateway init`,
      );
  }

  /**
   * A file that was read once is read ever after, and missed when it is gone. What comes with the program gives way to
   * a file that has come to be since.
   *
   * @throws ConfigError with every problem at once
   */
  load(): Config {
    if (!this.#isShipped || !isThere(defaultFile)) return this.#load(this.#file);
    const config = this.#load(defaultFile);
    this.#isShipped = false;
    this.#file = defaultFile;
    this.#say(`There is a ${defaultFile} now; using it, and no longer the one that comes with the gateway`);
    return config;
  }

  #load(file: string): Config {
    return loadConfig(file, process.env, process.cwd(), this.#withoutTools);
  }
}

/** A link that leads nowhere is there, and so is a file that cannot be reached: neither is silently passed over. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOTDIR';
  }
}
