import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MountConfig } from '../../src/config/config';
import { resolveConfig } from '../../src/config/load';
import { createGateway, type Addresses, type Gateway } from '../../src/gateway';
import { createLog } from '../../src/observe/log';

export interface TestGateway extends Addresses {
  readonly gateway: Gateway;
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Every log line, parsed. */
  readonly lines: Record<string, unknown>[];
  /** Resolves with the first line, past or to come, that satisfies the test. */
  line(test: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** A configuration as YAML would give it, resolved as for `serve`; listeners default to free ports of 127.0.0.1. */
export type RawConfig = Record<string, unknown> & { mounts: readonly RawMount[] };
export type RawMount = Partial<Record<keyof MountConfig, unknown>> & {
  path: string;
  target: string | readonly string[];
};

/** Folders that are gone after the test file. */
const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
  folders.push(folder);
  return folder;
}

/** One certificate for all gateways of a test file: making one takes a while. */
const certs = temporaryFolder();

export function testConfig(raw: RawConfig) {
  const { listen, ...rest } = raw as RawConfig & { listen?: { https?: unknown; http?: unknown; keepAlive?: string } };
  const hasAcme = typeof listen?.https === 'object' && listen.https !== null && 'acme' in listen.https;
  const files = hasAcme ? {} : { cert: path.join(certs, 'tls.crt'), key: path.join(certs, 'tls.key') };
  const https =
    listen?.https === 'off' ? 'off' : { port: 0, host: '127.0.0.1', ...files, ...(listen?.https as object) };
  const http = listen?.http === 'off' ? 'off' : { port: 0, host: '127.0.0.1', ...(listen?.http as object) };
  return resolveConfig({ ...rest, listen: { ...listen, https, http } }, { withoutTools: true });
}

/** A whole gateway on real sockets. */
export async function startGateway(raw: RawConfig): Promise<TestGateway> {
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<(line: Record<string, unknown>) => void>();
  const config = testConfig({ drain: { timeout: '2s' }, ...raw });
  const log = createLog(
    { ...config.log, level: 'debug', format: 'json' },
    {
      write: (text: string) => {
        const line = JSON.parse(text) as Record<string, unknown>;
        lines.push(line);
        for (const wake of waiting) wake(line);
      },
    },
  );
  const gateway = createGateway(config, log);
  const addresses = await gateway.start();
  return {
    ...addresses,
    gateway,
    httpsPort: addresses.https?.port ?? 0,
    httpPort: addresses.http?.port ?? 0,
    lines,
    line: (test) =>
      new Promise((resolve) => {
        const found = lines.find(test);
        if (found) {
          resolve(found);
          return;
        }
        const wake = (line: Record<string, unknown>) => {
          if (!test(line)) return;
          waiting.delete(wake);
          resolve(line);
        };
        waiting.add(wake);
      }),
    stop: () => gateway.stop(),
  };
}
