import { fork } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformFileSync } from '@swc/core';
import { temporaryFolder, testConfig, type RawConfig } from './gateway';
import { askResources, type Resources } from './resources';

export interface GatewayProcess {
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly resources: () => Promise<Resources>;
  readonly stop: () => Promise<void>;
}

const root = path.join(__dirname, '../..');
let compiled: string | null = null;

/** Compiles `src/` as jest does, with its assets beside it. Returns the folder. */
function compileSources(): string {
  const folder = temporaryFolder();
  const out = path.join(folder, 'dist');
  cpSync(path.join(root, 'src'), out, { recursive: true, filter: (file) => !file.endsWith('.ts') });
  for (const name of readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const { code } = transformFileSync(path.join(root, 'src', name), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
      swcrc: false,
    });
    const file = path.join(out, name.replace(/\.ts$/, '.js'));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  return out;
}

/** A whole gateway in a process of its own, for what can only be measured of a process. Its log is off. */
export async function startGatewayProcess(raw: RawConfig): Promise<GatewayProcess> {
  compiled ??= compileSources();
  const config = testConfig({ drain: { timeout: '2s' }, log: { level: 'silent' }, ...raw });
  // With many mounts it is longer than an argument may be.
  const file = path.join(temporaryFolder(), 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const child = fork(path.join(__dirname, 'gateway-process-main.cjs'), [compiled, file], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ports = await Promise.race([
    new Promise<{ httpsPort: number; httpPort: number }>((resolve) => {
      child.once('message', (message) => resolve(message as { httpsPort: number; httpPort: number }));
    }),
    ended.then((): never => {
      throw new Error(`the gateway did not start: ${stderr}`);
    }),
  ]);
  return {
    ...ports,
    resources: () => askResources(child),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
