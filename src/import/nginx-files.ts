import { readdirSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../config/config-error';
import { readText } from '../config/read-text';
import { globMatcher } from './glob';
import { mostDirectives, NginxSyntaxError, parseDirectives, type Directive } from './directives';

/** Of all files together, each as often as it is included. */
const mostBytes = 10 * 1024 * 1024;
const mostFiles = 1_000;

/** Says of files what kind they are: a long list, and nothing in it is for a gateway. */
const passedOver = 'mime.types';

/**
 * The directives of a configuration, those of its includes where these stand. As nginx has it, an included name may be a
 * pattern, and a relative one starts at the folder of the main file.
 * @throws ConfigError with one sentence
 */
export function readNginxFiles(main: string): Directive[] {
  const folder = path.dirname(main);
  let bytes = 0;
  let files = 0;
  let count = 0;

  /** @param within the files on the way here, the main one first */
  const read = (file: string, within: readonly string[]): Directive[] => {
    const shown = shortName(file, main);
    const refuse = (problem: string): never => {
      throw new ConfigError(shown, [problem]);
    };
    bytes += sizeOf(file, refuse);
    if (bytes > mostBytes) refuse('makes it more than 10 MB; no nginx configuration is that long, check the name');
    if (++files > mostFiles) refuse(`makes it more than ${mostFiles} files; include fewer`);
    const content = readText(file);
    if ('problem' in content) return refuse(content.problem);
    if (content.text.includes('\0')) refuse('is not a text file; name the nginx configuration');
    const directives = parsed(content.text, shown, refuse);
    count += directives.length;
    if (count > mostDirectives) refuse(`makes it more than ${mostDirectives} directives; include fewer`);
    return resolved(directives, [...within, file]);
  };

  const resolved = (directives: readonly Directive[], within: readonly string[]): Directive[] =>
    directives.flatMap((directive) => {
      if (directive.block !== null) return [{ ...directive, block: resolved(directive.block, within) }];
      if (directive.name !== 'include') return [directive];
      return included(directive).flatMap((file) => {
        if (within.includes(file))
          throw new ConfigError(directive.file, [
            `line ${directive.line}: "include ${directive.args[0] ?? ''}" leads back to itself; take it out`,
          ]);
        return read(file, within);
      });
    });

  const included = ({ args, file, line }: Directive): string[] => {
    const [name, ...more] = args;
    const refuse = (problem: string) => new ConfigError(file, [`line ${line}: ${problem}`]);
    if (name === undefined || more.length > 0) throw refuse('include names one file; write one, or a pattern');
    if (path.basename(name) === passedOver) return [];
    const wanted = path.resolve(folder, name);
    if (/[*?[]/.test(name)) return matching(wanted);
    if (!exists(wanted))
      throw refuse(
        `"include ${name}" names a file that does not exist; copy it to ${wanted}, or take the line out of a copy of the configuration`,
      );
    return [wanted];
  };

  return read(path.resolve(main), []);
}

function parsed(text: string, file: string, refuse: (problem: string) => never): Directive[] {
  try {
    return parseDirectives(text, file);
  } catch (error) {
    if (error instanceof NginxSyntaxError) return refuse(error.message);
    throw error;
  }
}

/** As it stands in messages: by the name that people gave, and from there on. */
function shortName(file: string, main: string): string {
  if (file === path.resolve(main)) return main;
  const inside = path.relative(path.dirname(path.resolve(main)), file);
  return inside.startsWith('..') ? file : path.join(path.dirname(main), inside);
}

/** Only of what has a size: a device or a pipe would never end. What cannot be asked, `readText` tells of. */
function sizeOf(file: string, refuse: (problem: string) => never): number {
  const stats = statsOf(file);
  if (stats !== undefined && !stats.isFile() && !stats.isDirectory()) return refuse('is not a file; check the name');
  return stats?.size ?? 0;
}

function exists(file: string): boolean {
  return statsOf(file) !== undefined;
}

function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The files that a pattern stands for, in order (glob(3): `*`, `?` and `[...]` within a name, not a leading dot). */
function matching(pattern: string): string[] {
  const root = path.parse(pattern).root;
  let found = [root];
  for (const segment of pattern.slice(root.length).split(path.sep)) {
    const matches = /[*?[]/.test(segment) ? globMatcher(segment) : null;
    found = found.flatMap((folder) => {
      if (matches === null) return exists(path.join(folder, segment)) ? [path.join(folder, segment)] : [];
      return namesIn(folder)
        .filter((name) => matches(name) && (segment.startsWith('.') || !name.startsWith('.')))
        .map((name) => path.join(folder, name));
    });
  }
  return found.sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
