import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from '../support/program';
import type { Task } from './visit';

export interface RunningTool {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  stop(): Promise<void>;
}

/** A real tool, as people install it, and what they do with it. */
export interface Tool {
  readonly name: string;
  readonly version: () => string;
  /** Why it cannot be had here; null where it can. */
  readonly missing: () => string | null;
  /** How many ports it needs: the same ones each time, since pages show them. */
  readonly ports: number;
  /** Without a setting of its base path, or of the address that people see. */
  readonly start: (...ports: readonly number[]) => Promise<RunningTool>;
  /** For the table. */
  readonly what: string;
  readonly task: Task;
}

/** Where tools are installed that Debian has not; kept from run to run. */
const cache = path.join(tmpdir(), 'kpow-gateway-tools');

/**
 * Installs packages of npm, nothing of which is run.
 * @param overrides versions of what these packages need (package.json, `overrides`)
 * @returns their folder
 */
export function installed(
  name: string,
  packages: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>> = {},
): string {
  const folder = path.join(cache, name);
  const modules = Object.keys(packages).map((one) => path.join(folder, 'node_modules', one));
  if (modules.every((one) => existsSync(one))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: packages, overrides }),
  );
  const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} cannot be installed: ${stderr}`);
  return folder;
}

/** Builds a program of Go's. @param source as `go install` takes it @returns its path */
export function built(name: string, source: string): string {
  const folder = path.join(cache, 'bin');
  const program = path.join(folder, name);
  if (existsSync(program)) return program;
  const { status, stderr } = spawnSync('go', ['install', source], {
    env: { ...process.env, GOBIN: folder },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} cannot be built: ${stderr}`);
  return program;
}

/** Null where a program is there, otherwise the sentence that says how to get it. */
export function missingProgram(command: string, debian: string): string | null {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0 ? null : `apt-get install ${debian}`;
}

/** `first` and what it needs, stopped in the order that they are given in. */
export const both =
  (...programs: readonly Program[]) =>
  async (): Promise<void> => {
    for (const program of programs) await program.stop();
  };

/** Waits until a tool answers, whatever it says. */
export async function answering(url: string, program: Program): Promise<void> {
  const asked = () =>
    fetch(url, { redirect: 'manual' }).then(
      ({ status }) => status < 500,
      () => false,
    );
  while (!(await asked())) {
    if (program.over) throw new Error(`it ended before it answered; it said:\n${program.output}`);
    await pause(50);
  }
}
