import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What `deploy/tools.sh` installs; programs on the PATH do as well. */
const installed = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kpow-gateway', 'deploy-tools');

/** The schemas of kinds that are not Kubernetes' own. */
const customSchemas = join(installed, 'crds');

export type DeployTool = 'helm' | 'kustomize' | 'kubectl-validate';

function locate(tool: DeployTool): string | null {
  const folders = [join(installed, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, tool)).find((file) => existsSync(file)) ?? null;
}

/** Why tests that need these tools are skipped, for their name; null when nothing is missing. */
export function missingTools(...tools: readonly DeployTool[]): string | null {
  const missing: string[] = tools.filter((tool) => locate(tool) === null);
  if (tools.includes('kubectl-validate') && !existsSync(customSchemas)) missing.push('the schemas for it');
  return missing.length === 0 ? null : `skipped: deploy/tools.sh has not installed ${missing.join(', ')}`;
}

/** `describe`, or where a tool is missing, a skipped one whose name says so. */
export function describeWith(tools: readonly DeployTool[], name: string, tests: () => void): void {
  const missing = missingTools(...tools);
  if (missing === null) describe(name, tests);
  else describe.skip(`${name} (${missing})`, tests);
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tool to its end, without a cluster. */
export function runTool(tool: DeployTool, args: readonly string[], input = ''): Promise<Finished> {
  return run(locate(tool) ?? tool, args, input);
}

export function run(program: string, args: readonly string[], input = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, KUBECONFIG: '/dev/null' };
    const child = execFile(program, args, { env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number')
        reject(new Error(`${program} cannot be started`, { cause: error }));
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    // A program that refuses its arguments does not read its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/**
 * What Kubernetes' own schemas, and those of others' kinds with their rules, have against the manifests.
 *
 * @param path a YAML file, any number of documents in it, or a folder with such
 * @param version of Kubernetes; kubectl-validate knows up to 1.30
 * @returns "" when nothing
 */
export async function schemaProblems(path: string, version = '1.30'): Promise<string> {
  const args = [path, `--version=${version}`, `--local-crds=${customSchemas}`];
  const { code, stdout, stderr } = await runTool('kubectl-validate', args);
  return code === 0 ? '' : `${stdout}${stderr}`;
}
