import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { startProgram, type Program } from '../support/program';

export const root = path.join(__dirname, '..', '..');
export const baseImage = process.env['NODE_IMAGE'] ?? 'docker.io/library/node:24-bookworm-slim';
/** What the tests build. Not removed afterwards: its layers make the next build short. */
export const image = 'kpow-gateway:test';

const works = (command: string, ...args: string[]) => spawnSync(command, args, { timeout: 120_000 }).status === 0;

const { CONTAINER_ENGINE } = process.env;
const found = (CONTAINER_ENGINE === undefined ? ['docker', 'podman'] : [CONTAINER_ENGINE]).find((each) =>
  works(each, 'info'),
);
const engine = found ?? 'docker';
/** podman takes a few options and has a few commands that docker does not. */
export const isPodman = found !== undefined && spawnSync(found, ['--version']).stdout.toString().includes('podman');
const compose = isPodman ? ['podman-compose', '--podman-path', engine] : [engine, 'compose'];

function whatIsMissing(): string | null {
  if (found === undefined) return 'no container engine runs here: install podman or docker';
  const { status, stderr } = spawnSync(found, ['run', '--rm', baseImage, 'node', '--version'], { timeout: 300_000 });
  return status === 0 ? null : `${found} cannot run ${baseImage}: ${stderr.toString().trim().split('\n').at(-1)}`;
}
const missing = whatIsMissing();
const missingForCompose =
  missing ?? (works(compose[0] ?? '', ...compose.slice(1), 'version') ? null : 'there is no compose');

/** A `describe` that is skipped, and says why, where containers cannot be run. */
export function describeContainers(title: string, body: () => void): void {
  describeUnless(missing, title, body);
}

/** The same for tests that need compose too. */
export function describeCompose(title: string, body: () => void): void {
  describeUnless(missingForCompose, title, body);
}

function describeUnless(reason: string | null, title: string, body: () => void): void {
  if (reason === null) describe(title, body);
  else describe.skip(`${title} (skipped: ${reason})`, body);
}

export interface Finished {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

async function finish(command: string, args: readonly string[], env = process.env): Promise<Finished> {
  const program = await startProgram(command, args, { cwd: root, env });
  const code = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/** Runs a command of the container engine to its end, whatever that is. */
export const tryEngine = (...args: string[]) => finish(engine, args);

/** Runs a command of the container engine. @returns what it printed. @throws when it fails */
export async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tryEngine(...args);
  if (code !== 0) throw new Error(`${engine} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout.trim();
}

/** A project of a compose file of this repository: its containers, volumes and networks are its own. */
export class Project {
  readonly #name = `kpow-gateway-test-${randomUUID().slice(0, 8)}`;
  readonly #file: string;
  readonly #env: Readonly<Record<string, string>>;

  /** @param env what `.env` would hold */
  constructor(file: string, env: Readonly<Record<string, string>>) {
    this.#file = file;
    this.#env = env;
  }

  /** Runs a compose command to its end, whatever that is. */
  compose(...args: string[]): Promise<Finished> {
    const [command = '', ...first] = compose;
    const all = [...first, '--project-name', this.#name, '--file', this.#file, ...args];
    return finish(command, all, { ...process.env, ...this.#env });
  }

  /** @throws when a service cannot be started */
  async up(): Promise<void> {
    const { code, stdout, stderr } = await this.compose('up', '--build', '--detach');
    if (code !== 0) throw new Error(`up ended with ${code}:\n${stdout}${stderr}`);
  }

  /** Ends it, whatever state it is in. */
  async down(): Promise<Finished> {
    const names = [...(await this.containers()).values()];
    const mounts =
      names.length > 0 ? await run('inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', ...names) : '';
    const finished = await this.compose('down', '--volumes');
    // Debian's podman-compose leaves volumes without a name, and networks.
    const nameless = mounts.match(/\b[0-9a-f]{64}\b/g) ?? [];
    if (nameless.length > 0) await tryEngine('volume', 'rm', '--force', ...nameless);
    const networks = await this.#list('network', '{{.Name}}');
    if (networks.length > 0) await run('network', 'rm', ...networks);
    return finished;
  }

  /** Names by service. */
  async containers(): Promise<Map<string, string>> {
    const names = await this.#list('container', '{{.Names}}', '--all');
    return new Map(names.map((name) => [/[_-]([a-z]+)[_-]1$/.exec(name)?.[1] ?? name, name]));
  }

  volumes(): Promise<string[]> {
    return this.#list('volume', '{{.Name}}');
  }

  async #list(kind: string, format: string, ...more: string[]): Promise<string[]> {
    const text = await run(kind, 'ls', ...more, '--filter', `name=${this.#name}`, '--format', format);
    return text.split('\n').filter((name) => name !== '');
  }
}

/** Milliseconds: the first build installs all packages. */
export const buildTimeout = 600_000;

export const buildImage = () => run('build', '--tag', image, '--build-arg', `NODE_IMAGE=${baseImage}`, root);

export async function sizeOf(name: string): Promise<number> {
  return Number(await run('image', 'inspect', '--format', '{{.Size}}', name));
}

/** A container that runs until `removeContainers`. */
export interface Container {
  readonly name: string;
  /** Its log, followed; `until` awaits a line. */
  readonly log: Program;
  /** Sends a signal to its first process. */
  readonly kill: (signal: string) => Promise<string>;
  /** Resolves with its exit code. */
  readonly ended: () => Promise<number>;
}

const started: Container[] = [];

/** @param options of `docker run`, and behind `image` the command */
export async function startContainer(options: readonly string[], command: readonly string[] = []): Promise<Container> {
  const name = `kpow-gateway-test-${randomUUID()}`;
  await run('run', '--detach', '--name', name, ...options, image, ...command);
  const log = await startProgram(engine, ['logs', '--follow', name]);
  const container: Container = {
    name,
    log,
    kill: (signal) => run('kill', '--signal', signal, name),
    ended: async () => Number(await run('wait', name)),
  };
  started.push(container);
  return container;
}

/** Removes what the test has started, with its volumes. */
export async function removeContainers(): Promise<void> {
  for (const { name, log } of started.splice(0)) {
    await tryEngine('rm', '--force', '--volumes', name);
    await log.stop('SIGKILL');
  }
}

/** Runs the container's health check once, as the engine does every few seconds. */
export async function isHealthy(name: string): Promise<boolean> {
  const command = isPodman ? ['healthcheck', 'run', name] : ['exec', name, 'kpow-gateway', 'healthcheck'];
  return (await tryEngine(...command)).code === 0;
}

/** The port of 127.0.0.1 at which a container's port is published. */
export async function publishedPort(name: string, port: number): Promise<number> {
  return Number((await run('port', name, `${port}/tcp`)).split('\n')[0]?.split(':').at(-1));
}
