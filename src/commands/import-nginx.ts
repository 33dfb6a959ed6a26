import { writeFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error';
import { resolveConfig } from '../config/load';
import { parseYaml } from '../config/yaml';
import { convert } from '../import/convert';
import { readNginxFiles } from '../import/nginx-files';
import { writeYaml } from '../import/write';

export interface ImportOptions {
  /** The main file, such as `/etc/nginx/nginx.conf`. */
  readonly file: string;
  /** Where the configuration goes; null for the standard output. */
  readonly output: string | null;
  /** The `server_name` of the one server to take; null for all that fit together. */
  readonly server: string | null;
}

export interface ImportOutput {
  /** Called with text as it is; resolves when it is written. */
  readonly out: (text: string) => Promise<void>;
  /** Called with a line for people. */
  readonly error: (line: string) => void;
}

/**
 * Writes the gateway's configuration for what an nginx configuration does. One that the gateway would not take is not
 * written.
 *
 * @returns the exit code: 0, or 1 when the output cannot be written
 * @throws ConfigError when there is nothing to write
 */
export async function importNginx(
  { file, output, server }: ImportOptions,
  { out, error }: ImportOutput,
): Promise<0 | 1> {
  const directives = readNginxFiles(file);
  const converted = convert(directives, file, server);
  const { text, remarks } = writeYaml(converted, directives, file);
  validate(text, file);
  const { length } = converted.config.mounts;
  const what = `${length} ${length === 1 ? 'mount' : 'mounts'}; ${
    remarks === 0
      ? 'everything is carried over'
      : `${remarks} ${remarks === 1 ? 'line is' : 'lines are'} not carried over as written, each with a comment that says what to do`
  }`;
  if (output === null) {
    await out(text);
    error(what);
    return 0;
  }
  try {
    writeFileSync(output, text, { flag: 'wx' });
  } catch (failure) {
    const { code = String(failure) } = failure as NodeJS.ErrnoException;
    error(
      code === 'EEXIST'
        ? `${output} is there already and was left as it is; to have a new one, move it away first`
        : `${output} cannot be written (${code}); name a file in a folder that is there and writable`,
    );
    return 1;
  }
  error(`Wrote ${output}: ${what}`);
  return 0;
}

function validate(text: string, file: string): void {
  const parsed = parseYaml(text);
  try {
    if ('problems' in parsed) throw new ConfigError(file, parsed.problems);
    resolveConfig(parsed.value, { file, env: {} });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      file,
      error.problems.map((problem) => `the gateway would not take what it makes: ${problem}`),
    );
  }
}
