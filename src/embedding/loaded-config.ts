import type { Config } from '../config/config';
import * as load from '../config/load';

export interface LoadConfigOptions {
  /** Where `${NAME}` in values comes from; `process.env` unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The folder that relative file names in the configuration start from; the working folder unless given. */
  readonly folder?: string | undefined;
}

let read: (given: LoadedConfig) => Config;

/** A configuration that was read from a file and found good. */
class LoadedConfig {
  static {
    read = (given) => given.#config;
  }

  readonly #config: Config;

  /** The file, as it was named. */
  readonly file: string;

  /** @internal */
  constructor(config: Config, file: string) {
    this.#config = config;
    this.file = file;
  }
}

export type { LoadedConfig };

/**
 * Reads a YAML file, as `kpow-gateway --config FILE` does.
 *
 * @throws ConfigError with every problem at once
 */
export function loadConfig(file: string, options: LoadConfigOptions = {}): LoadedConfig {
  return new LoadedConfig(load.loadConfig(file, options.env, options.folder), file);
}

/**
 * What `loadConfig` has read; null for anything else.
 * @internal
 */
export function loadedConfig(given: object): Config | null {
  return given instanceof LoadedConfig ? read(given) : null;
}
