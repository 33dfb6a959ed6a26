import { ConfigError, type Config } from '../config/config';
import { FileWatch } from '../config/file-watch';
import { namedFiles } from '../config/named-files';
import type { Gateway } from '../gateway';
import type { Log } from '../observe/log';

/** Where a configuration comes from, again and again. */
export interface ReloadSource {
  /** @throws ConfigError with every problem at once */
  load(): Config;
  /** Absolute paths of the files that it is read from. */
  readonly files: readonly string[];
}

/** Puts the configuration in force anew: when it is asked to, and when its file changes, or one that it names. */
export class Reloads {
  readonly #source: ReloadSource;
  readonly #gateway: Gateway;
  readonly #log: Log;
  #config: Config;
  #watch: FileWatch | null = null;
  #namedWatch: FileWatch | null = null;
  /** What was asked for while it could not be done is done once, afterwards. */
  #busy = true;
  #again = false;

  /** @param config what has been read of the source just now */
  constructor(source: ReloadSource, gateway: Gateway, log: Log, config: Config) {
    this.#source = source;
    this.#gateway = gateway;
    this.#log = log;
    this.#config = config;
    if (config.reload.watch) {
      this.#watchAnew();
      this.#watchNamed(config);
    }
  }

  /** What is in force. */
  get config(): Config {
    return this.#config;
  }

  /** To be called when the gateway serves: nothing is put in force before. */
  async begin(): Promise<void> {
    this.#busy = false;
    if (this.#again) await this.reload();
  }

  async reload(): Promise<void> {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#again) {
      this.#again = false;
      await this.#reloadOnce();
    }
    this.#busy = false;
  }

  /** No change of a file is noticed any more. */
  stop(): void {
    this.#watch?.stop();
    this.#namedWatch?.stop();
    this.#watch = this.#namedWatch = null;
  }

  async #reloadOnce(): Promise<void> {
    const log = this.#log;
    // First, so that what changes while it is read is noticed; what is read now will not be read again.
    this.#watchAnew();
    try {
      let read = this.#config;
      const restart = await this.#gateway.reload(() => {
        read = this.#source.load();
        // Those of a configuration that is then refused as well: one of them may be the reason, and be mended.
        this.#watchNamed(read);
        return read;
      });
      this.#config = read;
      log.info('Reloaded the configuration');
      if (restart.length > 0) log.warn(`Restart to put in force: ${restart.join(', ')}`);
    } catch (error) {
      const problems =
        error instanceof ConfigError ? error.problems.map((problem) => `${error.file}: ${problem}`) : [String(error)];
      for (const problem of problems) log.error(problem);
      log.error('The new configuration was not taken; the old one stays in force');
    }
    if (!this.#config.reload.watch) this.stop();
  }

  #watchAnew(): void {
    this.#watch?.stop();
    const { files } = this.#source;
    this.#watch = this.#watching(files, `${files.join(' or ')} has changed`);
  }

  #watchNamed(config: Config): void {
    this.#namedWatch?.stop();
    const files = namedFiles(config);
    this.#namedWatch = this.#watching(
      files,
      `A file that the configuration names has changed: one of ${files.join(', ')}`,
    );
  }

  #watching(files: readonly string[], message: string): FileWatch {
    return new FileWatch(files, () => {
      this.#log.info(message);
      return this.reload();
    });
  }
}
