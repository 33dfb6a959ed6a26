import { renameSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { builtProgram } from '../support/built-program';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { startProgram, type Program } from '../support/program';
import { RawClient } from '../support/raw-client';
import { descriptorsOf, leakedDescriptors } from './descriptors';
import { startEchoingTool } from './echoing-tool';
import { openWebsockets } from './open-websockets';
import { Tally, type Outcome } from './outcome';
import { startLoad } from './steady-load';

export interface ReloadTorture {
  /** Requests a second. */
  readonly rate: number;
  readonly websockets: number;
  /** Processes that serve; one unless given. */
  readonly workers?: number;
  readonly reloads: number;
}

/** The ways in which a configuration comes to be another one, and the gateway to know of it. */
const ways = ['SIGHUP', 'written in place', 'renamed over', 'a folder swapped, as a ConfigMap'] as const;

/**
 * Reloads that change mounts, targets and certificates, under load and with open websockets: no request may fail, no
 * websocket on a mount that still exists may end, and each reload has to be in force for the next request.
 */
export async function tortureReloads({ rate, websockets, reloads, workers = 1 }: ReloadTorture): Promise<Outcome> {
  const tally = new Tally();
  const folder = temporaryFolder();
  const [port = 0] = await freePorts(1);
  const tools = { one: await startEchoingTool('one'), other: await startEchoingTool('other') };
  const pairs = await Promise.all(
    [0, 1].map((nth) => generate([{ name: 'commonName', value: `pair-${nth}` }], { keyType: 'ec', curve: 'P-256' })),
  );

  const textOf = (nth: number): string => {
    const mounts = [
      { path: '/kept', target: tools.one.url },
      { path: '/moved', target: nth % 2 === 0 ? tools.one.url : tools.other.url },
      ...(nth % 2 === 0 ? [] : [{ path: '/extra', target: tools.other.url }]),
    ];
    return JSON.stringify({
      listen: {
        https: { port, host: '127.0.0.1', cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') },
        http: 'off',
      },
      workers,
      log: { access: false },
      portal: { title: `Version ${nth}` },
      mounts,
    });
  };
  const putInPlace = (name: string, text: string): void => {
    writeFileSync(path.join(folder, `${name}.new`), text);
    renameSync(path.join(folder, `${name}.new`), path.join(folder, name));
  };
  const link = (target: string, name: string): void => {
    symlinkSync(target, path.join(folder, `${name}.new`));
    renameSync(path.join(folder, `${name}.new`), path.join(folder, name));
  };
  const writeCertificate = (nth: number): void => {
    const pair = pairs[nth % 2];
    putInPlace('tls.key', pair?.private ?? '');
    putInPlace('tls.crt', pair?.cert ?? '');
  };
  /** As kubelet does it: the file is a link through `..data`, a link to a folder that is another one each time. */
  const swapFolder = (nth: number): void => {
    mkdirSync(path.join(folder, `..version-${nth}`));
    writeFileSync(path.join(folder, `..version-${nth}`, 'gateway.yaml'), textOf(nth));
    link(`..version-${nth}`, '..data');
    link(path.join('..data', 'gateway.yaml'), 'gateway.yaml');
  };
  const change: Record<(typeof ways)[number], (nth: number) => void> = {
    SIGHUP: (nth) => {
      writeFileSync(file, textOf(nth));
      program.child.kill('SIGHUP');
    },
    'written in place': (nth) => writeFileSync(file, textOf(nth)),
    'renamed over': (nth) => putInPlace('gateway.yaml', textOf(nth)),
    'a folder swapped, as a ConfigMap': swapFolder,
  };

  writeCertificate(0);
  swapFolder(0);
  const file = path.join(folder, 'gateway.yaml');
  const program = await startProgram(process.execPath, [builtProgram(), 'serve', '--config', file]);
  await program.until('Serving');
  const { pid = 0 } = program.child;

  const ask = (nth: number) => {
    const target = nth % 2 === 0 ? `/kept/${nth}` : `/moved/${nth}`;
    const expected = nth % 2 === 0 ? [`one /${nth}`] : [`one /${nth}`, `other /${nth}`];
    return {
      path: target,
      check: (status: number, body: string) =>
        status === 200 && expected.includes(body) ? null : `${status} ${JSON.stringify(body.slice(0, 80))}`,
    };
  };
  // A gateway that has served: what it keeps open by itself is no leak.
  await certificateAt(port);
  const before = descriptorsOf(pid);
  const sockets = await openWebsockets(
    { port, count: websockets, path: (nth) => (nth % 2 === 0 ? '/kept/live' : '/moved/live') },
    tally,
  );
  const load = startLoad({ port, rate, fresh: 0.02, ask }, tally);

  for (let nth = 1; nth <= reloads; nth++) {
    const way = ways[nth % ways.length] ?? 'SIGHUP';
    tally.tried++;
    writeCertificate(nth);
    change[way](nth);
    while (timesReloaded(program) < nth && !program.over) await pause(20);
    const wrong = await wrongAfter(port, nth).catch(String);
    if (wrong === null) tally.survived++;
    else tally.lose(`reload ${nth} (${way}): ${wrong}`);
  }

  const reached = await load.stop();
  if (sockets.open !== websockets) tally.lose(`${websockets - sockets.open} websockets are not open any more`);
  const { echoes } = sockets;
  await sockets.close();
  const leaked = await leakedDescriptors(pid, before);
  await program.stop();
  const code = await program.ended;
  if (code !== 0) tally.lose(`the gateway ended with ${code}`);
  await Promise.all([tools.one.close(), tools.other.close()]);
  return tally.outcome('Reloads under load', leaked, [
    `${reached.rate} requests a second over TLS, one in 50 on a new connection; the slowest took ${reached.slowest} ms`,
    `${websockets} websockets, ${echoes} echoes`,
    `${reloads} reloads`,
  ]);

  /** What shows that the nth configuration is not in force; null where it is. */
  async function wrongAfter(at: number, nth: number): Promise<string | null> {
    const served = await certificateAt(at);
    if (served !== `pair-${nth % 2}`) return `the certificate is ${served}`;
    const expected = { '/moved/x': nth % 2 === 0 ? 'one /x' : 'other /x', '/kept/x': 'one /x' };
    for (const [target, body] of Object.entries(expected)) {
      const answer = await get(at, target);
      if (!answer.endsWith(body)) return `${target} says ${answer.slice(-40)}`;
    }
    const extra = await get(at, '/extra/x');
    const status = /^HTTP\/1\.1 (\d+)/.exec(extra)?.[1];
    return status === (nth % 2 === 0 ? '404' : '200') ? null : `/extra answers ${status ?? 'nothing'}`;
  }
}

const timesReloaded = ({ output }: Program) => output.split('Reloaded the configuration').length - 1;

async function get(port: number, target: string): Promise<string> {
  const client = await RawClient.connect(port);
  return client.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`).end();
}

/** The name in the certificate that is served. */
async function certificateAt(port: number): Promise<string> {
  const client = await RawClient.connect(port);
  if (!(client.socket instanceof TLSSocket)) throw new Error('not over TLS');
  const { CN } = client.socket.getPeerCertificate().subject;
  client.destroy();
  return String(CN);
}
