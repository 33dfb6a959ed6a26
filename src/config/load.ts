import path from 'node:path';
import { ConfigError, type Config } from './config';
import { interpolate, type Environment } from './interpolate';
import { thisMachine, type Machine } from './own-address';
import { formatPath, formatProblem, type Problem } from './problem';
import { readDocument } from './problems';
import { resolve } from './resolve';
import { readSource } from './source';
import { crossProblems } from './validate';
import { parseYaml } from './yaml';

export interface ResolveOptions {
  /** What the configuration is called in messages. */
  readonly file?: string;
  /** Where `${NAME}` comes from; without it texts stand as they are. */
  readonly env?: Environment;
  /** The folder that relative file names start from. */
  readonly folder?: string;
  readonly machine?: Machine;
  /**
   * Whether files that one tool needs may be of no use: the gateway serves without that tool then. It looks at them
   * itself when it puts the configuration in force.
   */
  readonly withoutTools?: boolean;
}

/**
 * The configuration in a YAML file, or in an environment variable.
 *
 * @param file its name, or `env:NAME`
 * @param folder where relative file names start
 * @throws ConfigError with every problem at once
 */
export function loadConfig(
  file: string,
  env: Environment = process.env,
  folder = process.cwd(),
  withoutTools = false,
): Config {
  return resolveConfig(readYaml(file, env), { file, env, folder, withoutTools });
}

/**
 * Where the gateway listens by this file, whatever is wrong with the rest of it.
 *
 * @throws ConfigError with every problem of `listen` at once
 */
export function loadListen(file: string, env: Environment = process.env): Config['listen'] {
  const raw = readYaml(file, env);
  const listen: unknown = typeof raw === 'object' && raw !== null && 'listen' in raw ? raw.listen : undefined;
  const mounts = [{ path: '/', target: 'http://tool.invalid' }];
  return resolveConfig({ listen, mounts }, { file, env }).listen;
}

function readYaml(file: string, env: Environment): unknown {
  const content = readSource(file, env);
  if ('problem' in content) throw new ConfigError(file, [content.problem]);
  const parsed = parseYaml(content.text);
  if ('problems' in parsed) throw new ConfigError(file, parsed.problems);
  return parsed.value;
}

/**
 * The configuration in an object, as YAML or JSON would give it.
 *
 * @throws ConfigError with every problem at once
 */
export function resolveConfig(raw: unknown, options: ResolveOptions = {}): Config {
  const { file = 'configuration', env, folder = process.cwd(), machine = thisMachine() } = options;
  const { withoutTools = false } = options;
  const locate = (name: string) => path.resolve(folder, name);

  const filled = withoutEmptyKeys(raw);
  const { value, problems: unset } = env === undefined ? { value: filled, problems: [] } : interpolate(filled, env);
  const { document, readable, problems } = readDocument(value);
  const crossed = crossProblems(readable, { machine, locate });

  // A field is told of once: that its variable is not set says it all.
  const told = new Set<string>();
  const found = inOrder([...unset, ...problems, ...crossed]).filter(({ path }) => {
    const field = formatPath(path);
    if (told.has(field)) return false;
    told.add(field);
    return true;
  });
  const ofOneTool = found.every((problem) => problem.ofOneTool === true);
  if (document === null || (found.length > 0 && !(withoutTools && ofOneTool)))
    throw new ConfigError(file, found.map(formatProblem), ofOneTool);
  return resolve(document, locate);
}

/** The problems of the mounts last, mount by mount; otherwise as they came. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const position = ({ path: [section, index] }: Problem) =>
    section !== 'mounts' ? -2 : typeof index === 'number' ? index : -1;
  return problems.toSorted((a, b) => position(a) - position(b));
}

/** A key with nothing behind it (all its lines commented out, say) is as if it were not there. */
function withoutEmptyKeys(raw: unknown): unknown {
  if (Array.isArray(raw)) return raw.map(withoutEmptyKeys);
  if (typeof raw !== 'object' || raw === null) return raw;
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => [key, withoutEmptyKeys(value)]),
  );
}
