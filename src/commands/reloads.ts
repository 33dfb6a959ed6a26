import { configChanges, told } from '../config/changes';
import { ConfigError, type Config } from '../config/config';
import { FileWatch } from '../config/file-watch';
import { loneMountWarnings, LoneMounts } from '../config/lone-mounts';
import { namedFiles } from '../config/named-files';
import { differing, looksAt, settled, type Looks } from '../config/settled-files';
import type { Gateway } from '../gateway';
import { tlsFilesOf } from '../listener/tls-files';
import type { Log } from '../observe/log';
import { outcomeOf } from '../outcome';

/** Where a configuration comes from, again and again. */
export interface ReloadSource {
  /** @throws ConfigError with every problem at once */
  load(): Config;
  /** Absolute paths of the files that it is read from. */
  readonly files: readonly string[];
}

/** What has been read of a source. */
interface Reading {
  /** @throws what was wrong with it */
  readonly given: () => Config;
  /** All files that it depends on, as they were then. */
  readonly looks: Looks;
}

/** Puts the configuration in force anew: when it is asked to, and when its file changes, or one that it names. */
export class Reloads {
  readonly #source: ReloadSource;
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #loneMounts = new LoneMounts();
  #config: Config;
  /** The files behind what is in force. */
  #looks: Looks;
  #watch: FileWatch | null = null;
  #namedWatch: FileWatch | null = null;
  /** What was asked for while it could not be done is done once, afterwards. */
  #busy = true;
  #again = false;
  #stopped = false;

  /** @param config what has been read of the source just now */
  constructor(source: ReloadSource, gateway: Gateway, log: Log, config: Config) {
    this.#source = source;
    this.#gateway = gateway;
    this.#log = log;
    this.#config = config;
    this.#looks = looksAt(this.#filesOf(config));
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
    this.#warnOfLoneMounts();
    this.#busy = false;
    if (this.#again) await this.reload();
  }

  async reload(): Promise<void> {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await this.#reloadOnce();
    }
    this.#busy = false;
  }

  /** No change of a file is noticed any more, and nothing more is put in force. */
  stop(): void {
    this.#stopped = true;
    this.#unwatch();
  }

  async #reloadOnce(): Promise<void> {
    const log = this.#log;
    const { given, looks } = await this.#readWhole();
    if (this.#stopped) return;
    try {
      const restart = await this.#gateway.reload(given);
      const before = { config: this.#config, looks: this.#looks };
      this.#config = given();
      this.#looks = looks;
      log.info(`Reloaded the configuration: ${this.#changesSince(before)}`);
      if (restart.length > 0) log.warn(`Restart to put in force: ${restart.join(', ')}`);
    } catch (error) {
      const problems =
        error instanceof ConfigError ? error.problems.map((problem) => `${error.file}: ${problem}`) : [String(error)];
      for (const problem of problems) log.error(problem);
      log.error('The new configuration was not taken; the old one stays in force');
    }
    this.#warnOfLoneMounts();
    if (!this.#config.reload.watch) this.#unwatch();
  }

  /**
   * Reads the configuration when nothing that it depends on has changed for a while, nor changes while it is read. A
   * file that is half written may be valid: without the mounts, or the rules, that come at its end.
   */
  async #readWhole(): Promise<Reading> {
    const changing = () => this.#log.info('The configuration is being written; it is read when it is whole');
    for (let config = this.#config; ;) {
      const looks = await settled(this.#filesOf(config), changing, () => !this.#stopped);
      // First, so that what changes while it is read is noticed; what is read now will not be read again.
      if (!this.#stopped) this.#watchAnew();
      const given = outcomeOf(() => {
        config = this.#source.load();
        // Those of a configuration that is then refused as well: one of them may be the reason, and be mended.
        if (!this.#stopped) this.#watchNamed(config);
        return config;
      });
      if (this.#stopped || differing(looksAt(this.#filesOf(config)), looks).length === 0) return { given, looks };
    }
  }

  #filesOf(config: Config): string[] {
    const { https } = config.listen;
    const served = https === null ? [] : tlsFilesOf(https);
    return [...new Set([...this.#source.files, ...namedFiles(config), ...served])];
  }

  #changesSince({ config, looks }: { config: Config; looks: Looks }): string {
    const own = new Set(this.#source.files);
    const files = differing(this.#looks, looks).filter((file) => looks.has(file) && !own.has(file));
    const changes = [...configChanges(config, this.#config), ...told('files changed', files)];
    return changes.length > 0 ? changes.join('; ') : 'nothing in it has changed';
  }

  #warnOfLoneMounts(): void {
    const mounts = this.#loneMounts.among(this.#filesOf(this.#config));
    for (const warning of loneMountWarnings(mounts)) this.#log.warn(warning);
  }

  #unwatch(): void {
    this.#watch?.stop();
    this.#namedWatch?.stop();
    this.#watch = this.#namedWatch = null;
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
