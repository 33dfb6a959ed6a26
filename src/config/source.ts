import path from 'node:path';
import type { Environment } from './interpolate';
import { readText } from './read-text';

/**
 * The YAML text that `--config` names: a file, or with `env:NAME` the environment variable NAME, for platforms that can
 * set variables and cannot put a file beside a container. (A file of that name is `./env:NAME`.)
 *
 * @returns the text, or a sentence whose subject is the source
 */
export function readSource(source: string, env: Environment): { text: string } | { problem: string } {
  // As from a variable of compose that nobody has set.
  if (source === '') return { problem: '--config or KPOW_GATEWAY_CONFIG is empty; name a file in it, or leave it out' };
  if (source.startsWith('env:')) return readVariable(source.slice('env:'.length), env);
  const content = readText(path.resolve(source));
  if ('text' in content || !content.missing) return content;
  return { problem: 'there is no such file; name another with --config FILE, or start from one of config/examples/' };
}

function readVariable(name: string, env: Environment): { text: string } | { problem: string } {
  if (!/^[A-Za-z_]\w*$/.test(name))
    return { problem: 'does not name an environment variable; write --config env:NAME, such as env:GATEWAY_CONFIG' };
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  if (text === undefined || text.trim() === '') {
    const state = text === undefined ? 'is not set' : 'is empty';
    return {
      problem: `the environment variable ${name} ${state}; put the text of the configuration, in YAML, into it`,
    };
  }
  return { text };
}
