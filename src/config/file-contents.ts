import type { Config } from './config';
import { namedFiles } from './named-files';
import { readBytes, textOf, type BytesOrProblem, type TextOrProblem } from './read-text';

/**
 * What the files that a configuration names held when it was put in force, by their absolute names. All that serves by
 * this configuration goes by these, probes and processes that are started later as well: a file that is replaced by
 * something unusable harms nobody until it is read anew, and then it is refused.
 */
export type FileContents = ReadonlyMap<string, BytesOrProblem>;

type Naming = Pick<Config, 'mounts'> & Partial<Pick<Config, 'traces'>>;

export function readFileContents(config: Naming): FileContents {
  const ofTraces = config.traces?.ca ?? null;
  const files = [...namedFiles(config), ...(ofTraces === null ? [] : [ofTraces])];
  return new Map(files.map((file) => [file, readBytes(file)]));
}

/** @param file one that the configuration names */
export function bytesIn(contents: FileContents, file: string): BytesOrProblem {
  return contents.get(file) ?? { problem: 'has not been read', missing: true };
}

export function textIn(contents: FileContents, file: string): TextOrProblem {
  return textOf(bytesIn(contents, file));
}
