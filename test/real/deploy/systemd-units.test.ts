import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../../src/config/load';
import { readActivation } from '../../../src/listener/activation';
import { temporaryFolder } from '../../support/gateway';

const units = path.join(__dirname, '../../../deploy/systemd');
const gatewayFile = path.join(units, 'gateway.yaml');
const names = readdirSync(units).filter((name) => /\.(service|socket)$/.test(name));

/** `Key=value` lines of a unit, in order. */
function settings(unit: string): (readonly [string, string])[] {
  const lines = readFileSync(path.join(units, unit), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return key === '' ? [] : [[key, value] as const];
  });
}
const valuesOf = (unit: string, key: string) =>
  settings(unit).flatMap(([each, value]) => (each === key ? [value] : []));

const installed = spawnSync('systemd-analyze', ['--version']).status === 0;
const unless = installed ? '' : ' (skipped: systemd-analyze is not installed)';

(installed ? describe : describe.skip)(`systemd-analyze${unless}`, () => {
  /** The units, where kpow-gateway is a program that exists. */
  const folder = temporaryFolder();
  const analyze = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { cwd: folder, encoding: 'utf8' });
    return { status, said: `${stderr}${stdout}`.trim() };
  };
  beforeAll(() => {
    cpSync(units, folder, { recursive: true });
    const program = path.join(folder, 'kpow-gateway');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    const service = path.join(folder, 'kpow-gateway.service');
    writeFileSync(service, readFileSync(service, 'utf8').replace('ExecStart=kpow-gateway', `ExecStart=${program}`));
  });

  test('verify has nothing to say of the units', () => {
    expect(analyze('verify', '--man=no', ...names.map((name) => `./${name}`))).toEqual({ status: 0, said: '' });
  });

  test('verify has nothing to say of the service with a certificate of yours, and does read that drop-in', () => {
    const dropIns = path.join(folder, 'kpow-gateway.service.d');
    mkdirSync(dropIns);
    cpSync(path.join(units, 'certificate.conf'), path.join(dropIns, 'certificate.conf'));
    const verify = () => analyze('verify', '--man=no', './kpow-gateway.service');
    expect(verify()).toEqual({ status: 0, said: '' });
    writeFileSync(path.join(dropIns, 'wrong.conf'), '[Service]\nLoadCredential=tls.crt:no/such:path\n');
    expect(verify().said).toMatch(/wrong\.conf:2: .*no\/such:path/);
    rmSync(dropIns, { recursive: true });
  });

  test('verify does find a mistake', () => {
    const text = readFileSync(path.join(folder, 'kpow-gateway.socket'), 'utf8');
    writeFileSync(path.join(folder, 'wrong.socket'), text.replace('ListenStream=443', 'ListenStream=https'));
    expect(analyze('verify', '--man=no', './wrong.socket').status).not.toBe(0);
  });

  test('security: the exposure is at most 1.5 of 10', () => {
    const { status, said } = analyze('security', '--offline=true', '--threshold=15', './kpow-gateway.service');
    expect(said).toContain('Overall exposure level');
    expect(status).toBe(0);
  });
});

describe('the units fit the gateway', () => {
  test('every socket has a name that the gateway knows, a single address, and this service', () => {
    const sockets = names.filter((name) => name.endsWith('.socket'));
    const listed = sockets.flatMap((name) => valuesOf(name, 'FileDescriptorName'));
    const env = { LISTEN_PID: '1', LISTEN_FDS: String(sockets.length), LISTEN_FDNAMES: listed.join(':') };
    expect(readActivation(env, 1)).toMatchObject({ sockets: { https: expect.any(Number), http: expect.any(Number) } });
    for (const name of sockets) expect(valuesOf(name, 'ListenStream')).toHaveLength(1);
    expect(valuesOf('kpow-gateway.service', 'Sockets').join(' ').split(' ').sort()).toEqual(sockets.sort());
    expect(valuesOf('kpow-gateway-http.socket', 'Service')).toEqual(['kpow-gateway.service']);
  });

  // A missing file of a LoadCredential= keeps the service from starting, with 243/CREDENTIALS.
  test('the service itself needs no certificate: it starts with a self-signed one where it may write', () => {
    for (const [key] of settings('kpow-gateway.service')) expect(key).not.toMatch(/^(Load|Import|Set)Credential/);
    const { cert, key, acme } = loadConfig(gatewayFile, {}).listen.https ?? {};
    expect([cert, key, acme]).toEqual([path.resolve('certs/tls.crt'), path.resolve('certs/tls.key'), null]);
    expect(valuesOf('kpow-gateway.service', 'WorkingDirectory')).toEqual(['%S/kpow-gateway']);
    expect(valuesOf('kpow-gateway.service', 'StateDirectory')).toEqual(['kpow-gateway']);
  });

  test('a certificate of yours comes in by certificate.conf, in the service and for check', () => {
    const credentials = valuesOf('certificate.conf', 'LoadCredential').map((value) => value.split(':'));
    const given = (folder: string) => loadConfig(gatewayFile, { CREDENTIALS_DIRECTORY: folder }).listen.https;
    const inService = given('/run/credentials/kpow-gateway.service');
    expect(credentials.map(([name]) => `/run/credentials/kpow-gateway.service/${name}`)).toEqual([
      inService?.cert,
      inService?.key,
    ]);
    const forCheck = given('/etc/kpow-gateway');
    expect(credentials.map(([, source]) => source)).toEqual([forCheck?.cert, forCheck?.key]);
  });

  test('with its comments on acme taken in and cert and key taken out, the configuration orders a certificate', () => {
    const text = readFileSync(gatewayFile, 'utf8').replace(/^ +(cert|key): .*\n/gm, '');
    const acme = /^ +# acme:\n( +# {3}.*\n)+/m.exec(text)?.[0] ?? '';
    const file = path.join(temporaryFolder(), 'gateway.yaml');
    writeFileSync(file, text.replace(acme, acme.replaceAll('# ', '').replace('take this', '# take this')));
    expect(loadConfig(file, {}).listen.https?.acme).toMatchObject({
      domains: ['tools.example.com'],
      storage: path.resolve('certs/acme'),
    });
  });

  test('systemd waits for longer than the gateway drains, and never repeats a start that a bad configuration ended', () => {
    const seconds = Number(/^(\d+)s$/.exec(valuesOf('kpow-gateway.service', 'TimeoutStopSec')[0] ?? '')?.[1]);
    expect(seconds * 1000).toBeGreaterThan(loadConfig(gatewayFile, {}).drain.timeout);
    expect(valuesOf('kpow-gateway.service', 'RestartPreventExitStatus')).toEqual(['2']);
    expect(valuesOf('kpow-gateway.service', 'ExecStartPre')).toEqual([]);
  });

  test('no log file is named anywhere', () => {
    expect(valuesOf('kpow-gateway.service', 'StandardOutput')).toEqual(['journal']);
    expect(valuesOf('kpow-gateway.service', 'LogsDirectory')).toEqual([]);
  });
});
