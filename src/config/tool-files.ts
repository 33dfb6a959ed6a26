import { ConfigError, type Config, type MountConfig } from './config';
import { textIn, bytesIn, type FileContents } from './file-contents';
import { formatProblem, type FieldPath, type Problem } from './problem';
import type { TextOrProblem } from './read-text';
import { isImage } from './resolve';
import { upstreamTlsProblems } from './upstream-tls';

/** What is wrong with the files of a tool's TLS. @param path of the mount's `tls` */
export function tlsFileProblems(
  { ca, cert, key }: MountConfig['tls'],
  read: (file: string) => TextOrProblem,
  path: FieldPath,
): Problem[] {
  const files = { ca: ca ?? undefined, cert: cert ?? undefined, key: key ?? undefined };
  return upstreamTlsProblems(files, path, (file) => file, read);
}

/**
 * A reload takes no tool away that works: with files of no use it is refused. A tool that is down already for its files
 * is no reason to refuse what else the reload brings.
 * @throws ConfigError
 */
export function refuseBrokenTools(config: InForce['config'], files: FileContents, before: InForce): void {
  const broken = toolFileProblems(before.config, before.files);
  const problems = [...toolFileProblems(config, files)].flatMap(([path, found]) => (broken.has(path) ? [] : found));
  if (problems.length > 0) throw new ConfigError('configuration', problems, true);
}

interface InForce {
  readonly config: Pick<Config, 'mounts'>;
  readonly files: FileContents;
}

/** What is wrong with the files that each mount names: sentences, by the mounts' paths. Mounts without a problem are left out. */
export function toolFileProblems(
  { mounts }: Pick<Config, 'mounts'>,
  contents: FileContents,
): ReadonlyMap<string, readonly string[]> {
  const problems = new Map<string, readonly string[]>();
  mounts.forEach(({ path, tls, icon }, index) => {
    const found = tlsFileProblems(tls, (file) => textIn(contents, file), ['mounts', index, 'tls']);
    const picture = isImage(icon) ? bytesIn(contents, icon) : null;
    if (picture !== null && 'problem' in picture)
      found.push({ path: ['mounts', index, 'icon'], message: `${icon} ${picture.problem}` });
    if (found.length > 0) problems.set(path, found.map(formatProblem));
  });
  return problems;
}
