import { fork } from 'node:child_process';
import path from 'node:path';
import { askResources, type Resources } from './resources';

/** The last release of http-proxy, and under its name the successor that the gateway is built on (http-proxy-3). */
export const original = 'http-proxy-1.18.1';
export const successor = 'http-proxy';
export const libraries = [original, successor] as const;

export type Library = (typeof libraries)[number];

/** What the README leaves to its reader. */
export interface Wiring {
  /** Options of `http.Agent`; the default is no agent, as in the README. */
  readonly agent?: { readonly keepAlive: boolean; readonly maxSockets?: number };
  /** `xfwd: true` */
  readonly forwarded?: boolean;
  /** Requests below this path go to the target, others get 404. */
  readonly mount?: string;
  /** A `proxyReq` handler sets a header. */
  readonly setHeader?: boolean;
  /** A script that Node loads first. */
  readonly preload?: string;
}

export interface Death {
  readonly code: number | null;
  readonly stderr: string;
}

export interface BareProxy {
  /** Plain HTTP, on 127.0.0.1. */
  readonly port: number;
  /** Resolves when the process has ended of itself. */
  readonly died: Promise<Death>;
  readonly resources: () => Promise<Resources>;
  readonly stop: () => Promise<void>;
}

/** http-proxy alone, in a process of its own. */
export async function startBareProxy(library: Library, target: string, wiring: Wiring = {}): Promise<BareProxy> {
  const { preload, ...rest } = wiring;
  const child = fork(path.join(__dirname, 'bare-proxy-process.cjs'), [library, target, JSON.stringify(rest)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: preload === undefined ? [] : ['--require', preload],
  });
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const died = new Promise<Death>((resolve) => child.once('close', (code) => resolve({ code, stderr })));
  const port = await Promise.race([
    new Promise<number>((resolve) => child.once('message', (message) => resolve(message as number))),
    died.then(({ stderr: said }): never => {
      throw new Error(`${library} did not start: ${said}`);
    }),
  ]);
  return {
    port,
    died,
    resources: () => askResources(child),
    stop: async () => {
      child.kill();
      await died;
    },
  };
}
