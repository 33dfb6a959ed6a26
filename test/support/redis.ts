import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { temporaryFolder } from './gateway';
import { startProgram, type Program } from './program';

export const redisIsInstalled = spawnSync('redis-server', ['--version']).error === undefined;

export interface Redis {
  readonly program: Program;
  /** What redis-cli prints for a command. */
  command(...words: string[]): Promise<string>;
}

/** A real Redis that keeps nothing on disk. @param options as on its command line */
export async function startRedis(port: number, options: readonly string[] = []): Promise<Redis> {
  const program = await startProgram(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', temporaryFolder(), ...options],
    { package: 'redis-server' },
  );
  await program.until('Ready to accept connections');
  return {
    program,
    command: async (...words) => (await promisify(execFile)('redis-cli', ['-p', String(port), ...words])).stdout,
  };
}
