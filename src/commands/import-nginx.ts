import { writeFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error';
import { resolveConfig } from '../config/load';
import { upstreamTlsProblems } from '../config/upstream-tls';
import { parseYaml } from '../config/yaml';
import { convert } from '../import/convert';
import type { Directive } from '../import/directives';
import type { TlsFiles } from '../import/location';
import { readNginxFiles } from '../import/nginx-files';
import { writeYaml, type Written } from '../import/write';

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
 * written; where it is some mounts that it would not take, these are left out, and told of.
 *
 * @returns the exit code: 0; 1 when the output cannot be written; 3 when it is written, and something that protected a
 * location in nginx is not in force
 * @throws ConfigError when there is nothing to write
 */
export async function importNginx(
  { file, output, server }: ImportOptions,
  { out, error }: ImportOutput,
): Promise<0 | 1 | 3> {
  const directives = readNginxFiles(file);
  const { written, mounts } = takenOver(directives, file, server);
  const { text, remarks, notInForce } = written;
  const what = `${mounts} ${mounts === 1 ? 'mount' : 'mounts'}; ${
    remarks === 0
      ? 'everything is carried over'
      : `${remarks} ${remarks === 1 ? 'line is' : 'lines are'} not carried over as written, each with a comment that says what to do`
  }`;
  if (output === null) {
    await out(text);
    error(what);
  } else {
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
  }
  if (notInForce === 0) return 0;
  error(
    `${notInForce} ${notInForce === 1 ? 'protection of nginx is' : 'protections of nginx are'} NOT IN FORCE: what was protected is closed to everybody; read the comments that say so, and open each mount when you have something in its place`,
  );
  return 3;
}

interface TakenOver {
  readonly written: Written;
  readonly mounts: number;
}

/** Without the mounts that the gateway would not take, as long as others are left. */
function takenOver(directives: readonly Directive[], file: string, server: string | null): TakenOver {
  const refused = new Map<Directive, string>();
  const tlsProblems = (tls: TlsFiles) => upstreamTlsProblems(tls, [], (name) => name);
  for (;;) {
    const converted = convert(directives, file, server, { tlsProblems, refused });
    const written = writeYaml(converted, directives, file);
    const problems = problemsOf(written.text, file);
    const { length } = converted.config.mounts;
    if (problems.length === 0) return { written, mounts: length };
    const before = refused.size;
    for (const problem of problems) {
      const [, index, what] = /^mounts\[(\d+)\][^:]*: (.*)$/s.exec(problem) ?? [];
      const location = converted.sources[Number(index)]?.location;
      if (location && what !== undefined && !refused.has(location)) refused.set(location, what);
    }
    if (refused.size === before || refused.size - before === length)
      throw new ConfigError(
        file,
        problems.map((problem) => `the gateway would not take what it makes: ${problem}`),
      );
  }
}

function problemsOf(text: string, file: string): readonly string[] {
  const parsed = parseYaml(text);
  if ('problems' in parsed) return parsed.problems;
  try {
    resolveConfig(parsed.value, { file, env: {} });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
