import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { freePorts } from './free-ports';
import { temporaryFolder } from './gateway';
import { startProgram, type Program } from './program';

export const pebbleIsInstalled = spawnSync('pebble', ['-h']).error === undefined;

export interface PebbleOptions {
  /** The ports that it comes to for http-01 and tls-alpn-01. */
  readonly httpPort: number;
  readonly tlsPort: number;
  /** Where it listens; free ports unless given, to start it again at the same place. */
  readonly ports?: PebblePorts;
  /** Seconds that its certificates are valid; five years unless given. */
  readonly validity?: number;
  /** Key identifiers and keys of external accounts; without them it wants none. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface PebblePorts {
  readonly directory: number;
  readonly management: number;
  readonly dns: number;
  readonly dnsManagement: number;
}

export interface Pebble {
  /** URL of its directory, and the PEM file of the authority that signed its certificate. */
  readonly directory: string;
  readonly ca: string;
  readonly program: Program;
  /** The root of the certificates that it issues, PEM; another at each start. */
  root(): Promise<string>;
  stop(): Promise<void>;
}

export async function pebblePorts(): Promise<PebblePorts> {
  const [directory = 0, management = 0, dns = 0, dnsManagement = 0] = await freePorts(4);
  return { directory, management, dns, dnsManagement };
}

/** One certificate for all of a test file. */
let tls: Promise<{ readonly folder: string; readonly pem: string }> | null = null;

/** PEM file of the authority that signed the certificate of every directory here. */
export async function pebbleAuthority(): Promise<string> {
  tls ??= generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  }).then((made) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'tls.crt'), made.cert);
    writeFileSync(path.join(folder, 'tls.key'), made.private);
    return { folder, pem: made.cert };
  });
  return path.join((await tls).folder, 'tls.crt');
}

/** A real ACME server, for which every name leads to 127.0.0.1. */
export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const ports = options.ports ?? (await pebblePorts());
  const ca = await pebbleAuthority();
  const config = path.join(temporaryFolder(), 'pebble.json');
  writeFileSync(
    config,
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${ports.directory}`,
        managementListenAddress: `127.0.0.1:${ports.management}`,
        certificate: ca,
        privateKey: ca.replace(/crt$/, 'key'),
        httpPort: options.httpPort,
        tlsPort: options.tlsPort,
        externalAccountBindingRequired: options.externalAccounts !== undefined,
        externalAccountMACKeys: options.externalAccounts ?? {},
        ...(options.validity === undefined ? {} : { certificateValidityPeriod: options.validity }),
      },
    }),
  );
  const names = await startProgram('pebble-challtestsrv', [
    ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', '', '-defaultIPv4', '127.0.0.1'],
    ...['-dns01', `127.0.0.1:${ports.dns}`, '-management', `127.0.0.1:${ports.dnsManagement}`],
  ]);
  const pebble = await startProgram('pebble', ['-config', config, '-dnsserver', `127.0.0.1:${ports.dns}`], {
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0', ...options.env },
    package: 'pebble',
  });
  while ((await ask(`https://127.0.0.1:${ports.directory}/dir`)) === null) {
    if (pebble.over) throw new Error(`pebble did not start; it said:\n${pebble.output}`);
    await pause(50);
  }
  return {
    directory: `https://127.0.0.1:${ports.directory}/dir`,
    ca,
    program: pebble,
    async root() {
      const pem = await ask(`https://127.0.0.1:${ports.management}/roots/0`);
      return new X509Certificate(pem ?? '').toString();
    },
    async stop() {
      await Promise.all([pebble.stop(), names.stop()]);
    },
  };
}

/** The answer's text; null when there is none. */
function ask(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve(text));
      answer.on('error', () => resolve(null));
    });
    asked.on('error', () => resolve(null));
    asked.end();
  });
}
