import { once } from 'node:events';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import {
  acmeConfig,
  acmeScene,
  domain,
  says,
  servedExpiry,
  shakeHands,
  startAcmeGateway,
  type AcmeGatewayOptions,
} from '../support/acme';
import type { AcmeScene } from '../support/acme';
import { testConfig } from '../support/gateway';
import {
  pebbleAuthority,
  pebbleIsInstalled,
  pebblePorts,
  startPebble,
  type Pebble,
  type PebbleOptions,
} from '../support/pebble';
import { startProgram } from '../support/program';
import { exchangeRaw } from '../support/raw-client';

const main = path.join(__dirname, '..', '..', 'dist', 'main.js');
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of open.splice(0).reverse()) await stop();
});

let scene: AcmeScene;
beforeEach(async () => {
  scene = await acmeScene();
});

async function authority(options: Partial<PebbleOptions> = {}): Promise<Pebble> {
  const pebble = await startPebble({ httpPort: scene.httpPort, tlsPort: scene.httpsPort, ...options });
  open.push(() => pebble.stop());
  return pebble;
}

async function gatewayOf(pebble: { directory: string; ca: string }, more: Partial<AcmeGatewayOptions> = {}) {
  const { directory, ca } = pebble;
  const gateway = await startAcmeGateway(scene, { directory, ca, ...more });
  open.push(() => gateway.stop());
  return gateway;
}

const issued = says('issued a certificate');
const serving = says('Serving the certificate');
const failed = says('No certificate for tools.example.test:');
const files = (folder: string) => readdirSync(path.join(scene.storage, folder));
const ordersOf = (pebble: Pebble) => pebble.program.output.match(/Added order .* to the db/g)?.length ?? 0;

const describeReal = pebbleIsInstalled ? describe : describe.skip;
describeReal(
  `a certificate from pebble, a real ACME server${pebbleIsInstalled ? '' : ' (skipped: pebble is not installed)'}`,
  () => {
    describe.each(['http-01', 'tls-alpn-01'] as const)('by %s', (challenge) => {
      test('is ordered and served, without keeping the start or an ordinary handshake waiting', async () => {
        const pebble = await authority({ env: { PEBBLE_VA_NOSLEEP: '0', PEBBLE_VA_SLEEPTIME: '1' } });
        const gateway = await gatewayOf(pebble, { acme: { challenge } });
        expect(gateway.lines.find(says('SELF-SIGNED'))).toMatchObject({ level: 'warn' });
        const before = await shakeHands(gateway.httpsPort);
        expect(before.certificate.issuer.CN).toBe(domain);

        await gateway.line(serving);
        const { certificate, trusted, alpn } = await shakeHands(gateway.httpsPort, {
          ca: await pebble.root(),
          ALPNProtocols: ['http/1.1'],
        });
        expect(trusted).toBe(true);
        expect(alpn).toBe('http/1.1');
        expect(certificate.subjectaltname).toBe(`DNS:${domain}`);
        expect(await servedExpiry(gateway)).toEqual(new Date(certificate.valid_to));
        expect(gateway.lines.filter(failed)).toEqual([]);
        expect(files('challenges/' + challenge)).toEqual([]);
        for (const folder of ['accounts', 'certificates']) {
          for (const file of files(folder))
            expect(statSync(path.join(scene.storage, folder, file)).mode & 0o777).toBe(0o600);
        }
      });
    });

    test('a restart serves the stored certificate, and asks the authority nothing', async () => {
      const pebble = await authority();
      const first = await gatewayOf(pebble);
      await first.line(serving);
      const before = await shakeHands(first.httpsPort);
      await first.stop();
      await pebble.stop();

      const second = await gatewayOf(pebble);
      const after = await shakeHands(second.httpsPort);
      expect(after.certificate.fingerprint256).toBe(before.certificate.fingerprint256);
      expect(second.lines.filter(says(/Ordering|SELF-SIGNED/))).toEqual([]);
    });

    test('is renewed when two thirds of its time are over, while connections stay', async () => {
      const pebble = await authority({ validity: 12 });
      const gateway = await gatewayOf(pebble);
      await gateway.line(serving);
      const first = await shakeHands(gateway.httpsPort);
      const kept = exchangeRaw(gateway.httpsPort, 'GET /-/up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      let renewed = 0;
      await gateway.line((line) => issued(line) && ++renewed === 2);
      await gateway.line((line) => serving(line) && line !== gateway.lines.find(serving));
      const second = await shakeHands(gateway.httpsPort, { ca: await pebble.root() });
      expect(second.trusted).toBe(true);
      expect(second.certificate.serialNumber).not.toBe(first.certificate.serialNumber);
      expect(await kept).toMatch(/^HTTP\/1\.1 200 /);
      expect(files('accounts')).toHaveLength(1);
    });

    test.each(['http-01', 'tls-alpn-01'])(
      'of two gateways with one storage, one orders by %s and both serve it; either answers',
      async (challenge) => {
        const pebble = await authority();
        // Started together; the authority comes to the second one alone.
        const [one, two] = await Promise.all([
          gatewayOf(pebble, { reachable: false, acme: { challenge } }),
          gatewayOf(pebble, { acme: { challenge } }),
        ]);
        await Promise.all([one.line(serving), two.line(serving)]);
        const [at1, at2] = await Promise.all([shakeHands(one.httpsPort), shakeHands(two.httpsPort)]);
        expect(at1.certificate.fingerprint256).toBe(at2.certificate.fingerprint256);
        expect([...one.lines, ...two.lines].filter(issued)).toHaveLength(1);
        expect(ordersOf(pebble)).toBe(1);
      },
    );

    test('a gateway that the authority cannot come to has its challenge answered by another', async () => {
      const pebble = await authority();
      const orders = await gatewayOf(pebble, { reachable: false });
      await orders.line(says('Ordering'));
      // Comes later, finds the turn taken, and is where the authority looks.
      const answers = await gatewayOf(pebble);
      await Promise.all([orders.line(serving), answers.line(serving)]);
      expect((await shakeHands(answers.httpsPort)).certificate.issuer.CN).toMatch(/Pebble/);
    });

    test('an authority that is down at the start is asked again until it is there', async () => {
      const ports = await pebblePorts();
      const absent = { directory: `https://127.0.0.1:${ports.directory}/dir`, ca: await pebbleAuthority() };
      const gateway = await gatewayOf(absent);
      const failure = await gateway.line(failed);
      expect(failure).toMatchObject({ level: 'error', failures: 1, err: { code: 'ECONNREFUSED' } });
      expect(failure['msg']).toMatch(
        /cannot be reached .*let this machine reach 127\.0\.0\.1:.*Next try in .*SELF-SIGNED/,
      );
      await authority({ ports });
      await gateway.line(serving);
      expect(files('certificates').filter((name) => name.endsWith('.failed.json'))).toEqual([]);
    });

    test('a challenge that fails is told with its cause; tries come further and further apart', async () => {
      const pebble = await authority({ httpPort: (await acmeScene()).httpPort });
      const gateway = await gatewayOf(pebble);
      const first = await gateway.line(failed);
      expect(first).toMatchObject({ level: 'error', err: { code: 'connection' } });
      expect(first['msg']).toMatch(
        /says of tools\.example\.test: .*connection refused.*let port 80 of tools\.example\.test lead to listen\.http/s,
      );
      const second = await gateway.line((line) => failed(line) && line['failures'] === 2);
      const waits = [first, second].map(
        (line) => Date.parse(String(line['retryAt'])) - Date.parse(String(line['time'])),
      );
      expect(waits[0]).toBeLessThanOrEqual(1_300);
      expect(waits[1]).toBeGreaterThanOrEqual(1_400);
      expect((await shakeHands(gateway.httpsPort)).certificate.issuer.CN).toBe(domain);

      // A restart knows of it, and does not try at once.
      await gateway.stop();
      const again = await gatewayOf(pebble, { acme: { retry: '6h' } });
      const third = await again.line(failed);
      expect(third).toMatchObject({ failures: 3 });
      await again.stop();
      const last = await gatewayOf(pebble, { acme: { retry: '6h' } });
      expect(last.lines.filter(says('Ordering'))).toEqual([]);
      // A reload is somebody who has set something right.
      await last.gateway.reload(
        testConfig(acmeConfig(scene, { directory: pebble.directory, ca: pebble.ca, acme: { retry: '6h' } })),
      );
      await last.line(says('Ordering'));
    });

    test('many refused nonces are nothing to people', async () => {
      const pebble = await authority({ env: { PEBBLE_WFE_NONCEREJECT: '60' } });
      const gateway = await gatewayOf(pebble);
      await gateway.line(serving);
      expect(gateway.lines.filter(failed)).toEqual([]);
    });

    test('an account bound to one that exists elsewhere, with its contact', async () => {
      const hmacKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
      const pebble = await authority({ externalAccounts: { 'kid-1': hmacKey } });
      const without = await gatewayOf(pebble);
      expect((await without.line(failed))['msg']).toMatch(/write eab with the key that the authority gave you/);
      await without.gateway.reload(
        testConfig(
          acmeConfig(scene, {
            directory: pebble.directory,
            ca: pebble.ca,
            acme: { email: 'ops@example.test', eab: { keyId: 'kid-1', hmacKey } },
          }),
        ),
      );
      await without.line(serving);
      expect(JSON.stringify(without.lines)).not.toContain(hmacKey);
    });

    test('a stop in the middle of an order leaves nothing pending, and the next start gets it', async () => {
      const pebble = await authority({ env: { PEBBLE_VA_NOSLEEP: '0', PEBBLE_VA_SLEEPTIME: '4' } });
      const first = await gatewayOf(pebble);
      await first.line(says('Ordering'));
      await pebble.program.until(/Starting \d+ validations|Pulled a task from the Tasks queue/);
      await first.stop();
      expect(first.lines.find(says('Gave up the order'))).toBeDefined();
      expect(first.lines.filter(failed)).toEqual([]);
      expect(files('challenges/http-01')).toEqual([]);
      const second = await gatewayOf(pebble);
      await second.line(serving);
    });

    test('a reload brings acme in, other names, and takes it out again', async () => {
      const pebble = await authority();
      const gateway = await gatewayOf(pebble);
      await gateway.line(serving);
      const { directory, ca } = pebble;
      const names = [domain, 'other.example.test'];
      await gateway.gateway.reload(testConfig(acmeConfig(scene, { directory, ca, acme: { domains: names } })));
      expect(gateway.lines.find(says('yet: serving an earlier one, for tools.example.test'))).toBeDefined();
      await gateway.line(says('Serving the certificate for tools.example.test, other.example.test'));
      const two = await shakeHands(gateway.httpsPort, { servername: 'other.example.test', ca: await pebble.root() });
      expect(two.trusted).toBe(true);

      const { listen, mounts } = acmeConfig(scene, { directory, ca });
      await gateway.gateway.reload(testConfig({ mounts, listen: { ...listen, https: { port: scene.httpsPort } } }));
      expect((await shakeHands(gateway.httpsPort)).certificate.issuer.CN).toBe('localhost');
      // Back again: the certificate is still there.
      await gateway.gateway.reload(testConfig(acmeConfig(scene, { directory, ca })));
      expect((await shakeHands(gateway.httpsPort, { ca: await pebble.root() })).trusted).toBe(true);
      expect(ordersOf(pebble)).toBe(2);
    });

    test('the program itself does it, and does it again when the file is removed and it is told to reload', async () => {
      const pebble = await authority();
      const file = path.join(scene.storage, 'gateway.json');
      writeFileSync(file, JSON.stringify(acmeConfig(scene, { directory: pebble.directory, ca: pebble.ca })));
      const program = await startProgram(process.execPath, [main, 'serve', '--config', file]);
      open.push(() => program.stop());
      await program.until('Serving the certificate');
      const first = await shakeHands(scene.httpsPort, { ca: await pebble.root() });
      expect(first.trusted).toBe(true);
      const [name = ''] = files('certificates');
      rmSync(path.join(scene.storage, 'certificates', name));
      program.child.kill('SIGHUP');
      await program.until(/(Serving the certificate.*){2}/s);
      const second = await shakeHands(scene.httpsPort);
      expect(second.certificate.serialNumber).not.toBe(first.certificate.serialNumber);
      await program.stop();
      expect(await program.ended).toBe(0);
    });

    test('the authority is reached through the proxy of the environment', async () => {
      const pebble = await authority();
      const asked: string[] = [];
      const tunnels: Duplex[] = [];
      const proxy = createServer().on('connect', (req: IncomingMessage, socket: Duplex) => {
        asked.push(req.url ?? '');
        const { port } = new URL(pebble.directory);
        tunnels.push(socket);
        const beyond = connect(Number(port), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
        for (const [from, to] of [
          [socket, beyond],
          [beyond, socket],
        ] as const) {
          from.on('error', () => to.destroy()).on('close', () => to.destroy());
          from.pipe(to);
        }
      });
      await once(proxy.listen(0, '127.0.0.1'), 'listening');
      open.push(async () => {
        for (const tunnel of tunnels) tunnel.destroy();
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
      });
      const file = path.join(scene.storage, 'gateway.json');
      writeFileSync(file, JSON.stringify(acmeConfig(scene, { directory: pebble.directory, ca: pebble.ca })));
      const { port } = proxy.address() as AddressInfo;
      const env = { ...process.env, HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '', no_proxy: '' };
      const program = await startProgram(process.execPath, [main, 'serve', '--config', file], { env });
      open.push(() => program.stop());
      await program.until('Serving the certificate');
      expect(new Set(asked)).toEqual(new Set([new URL(pebble.directory).host]));
    });

    test('a certificate that was damaged on disk is replaced', async () => {
      const pebble = await authority();
      const first = await gatewayOf(pebble);
      await first.line(serving);
      await first.stop();
      const [name = ''] = files('certificates');
      const file = path.join(scene.storage, 'certificates', name);
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.slice(0, text.length / 4));
      const second = await gatewayOf(pebble);
      expect(second.lines.find(says('has no whole certificate in it'))).toMatchObject({ level: 'warn' });
      await second.line(serving);
    });
  },
);
