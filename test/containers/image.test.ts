import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { exchangeRaw, RawClient } from '../support/raw-client';
import { httpUpstream, type Upstream } from '../support/upstreams';
import { readAnswer } from '../real/read-answer';
import {
  baseImage,
  buildImage,
  buildTimeout,
  describeContainers,
  image,
  isHealthy,
  isPodman,
  publishedPort,
  removeContainers,
  root,
  run,
  sizeOf,
  startContainer,
  tryEngine,
} from './engine';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
const ask = async (port: number, target: string) => readAnswer(await exchangeRaw(port, get(target)));
const published = ['--publish', '127.0.0.1::8443'];
/** Nothing of the container's own file system can be written; podman would put tmpfs into a few places. */
const readOnly = ['--read-only', ...(isPodman ? ['--read-only-tmpfs=false'] : [])];
const locked = [...readOnly, '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

interface ImageConfig {
  readonly User: string;
  readonly Env: string[];
  readonly Entrypoint: string[];
  readonly Cmd: string[];
  readonly ExposedPorts: Record<string, unknown>;
  readonly Volumes: Record<string, unknown>;
  readonly Labels: Record<string, string>;
}

describeContainers('the container image', () => {
  beforeAll(() => buildImage(), buildTimeout);
  afterEach(() => removeContainers());

  test('is at most 60 MB larger than its base', async () => {
    const added = (await sizeOf(image)) - (await sizeOf(baseImage));
    expect(added).toBeGreaterThan(0);
    expect(added).toBeLessThan(60_000_000);
  });

  test('holds what runs, and nothing that is only for building or testing', async () => {
    const list = `const { readdirSync } = require('node:fs');
      console.log(readdirSync('/app', { recursive: true }).join('\\n'))`;
    const files = (await run('run', '--rm', '--no-healthcheck', '--entrypoint', 'node', image, '-e', list)).split('\n');
    const top = new Set(files.map((file) => file.split('/')[0]));
    expect([...top].sort()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json']);
    expect(files).toContain('dist/main.js');
    expect(files).toContain('node_modules/express/package.json');
    const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    for (const name of Object.keys(devDependencies)) expect(files).not.toContain(`node_modules/${name}`);
    expect(files.filter((file) => /\.(d\.[cm]?ts|map)$/.test(file))).toEqual([]);
  });

  test('has labels, a numeric user, both ports and a command that needs no shell', async () => {
    const [{ Config }] = JSON.parse(await run('image', 'inspect', image)) as [{ Config: ImageConfig }];
    expect(Config).toMatchObject({
      User: '1001:0',
      Entrypoint: ['node', '/app/dist/main.js'],
      Cmd: ['serve'],
      ExposedPorts: { '8443/tcp': {}, '8080/tcp': {} },
      Volumes: { '/certs': {} },
    });
    expect(Config.Env).toContain('NODE_ENV=production');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    for (const [label, value] of Object.entries({
      title: 'kpow-gateway',
      version,
      description: expect.any(String),
      revision: expect.any(String),
    }))
      expect(Config.Labels[`org.opencontainers.image.${label}`]).toEqual(value);
  });

  test('takes the other commands, and the mount from the environment', async () => {
    const mount = ['--env', 'KPOW_URL=http://kpow.internal:3123', '--env', 'KPOW_PATH=/kafka'];
    const said = await run('run', '--rm', '--no-healthcheck', ...mount, image, 'check');
    expect(said).toContain('/etc/kpow-gateway/gateway.yaml: ready to serve');
    expect(said).toContain('a self-signed certificate will be generated at certs/tls.crt');
    expect(said).toContain('/kafka  kPow → http://kpow.internal:3123');
  });

  test('starts with no setting at all, serves HTTPS, and is healthy', async () => {
    const { name, log } = await startContainer(published);
    await log.until('Serving 1 mount');
    expect((await ask(await publishedPort(name, 8443), '/')).status).toBe(200);
    expect(await isHealthy(name)).toBe(true);
  });

  test('starts under any user of group 0, with a read-only file system and no privileges', async () => {
    const { name, log } = await startContainer([...published, ...locked, '--user', '12345:0']);
    await log.until('Serving 1 mount');
    expect((await ask(await publishedPort(name, 8443), '/')).status).toBe(200);
    expect(await isHealthy(name)).toBe(true);
  });

  test('serves the certificate that is mounted', async () => {
    const folder = temporaryFolder();
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'kafka.example.com' }]);
    writeFileSync(path.join(folder, 'tls.crt'), cert);
    writeFileSync(path.join(folder, 'tls.key'), key);
    chmodSync(folder, 0o755);
    const { name, log } = await startContainer([...published, ...locked, '--volume', `${folder}:/certs:ro,z`]);
    await log.until('Serving 1 mount');
    const client = await RawClient.connect(await publishedPort(name, 8443));
    const served = client.socket instanceof TLSSocket ? client.socket.getPeerX509Certificate() : undefined;
    expect(served?.fingerprint256).toBe(new X509Certificate(cert).fingerprint256);
    client.destroy();
  });

  test('where it can write no certificate, it says what to do', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const { log, ended } = await startContainer([...locked, '--volume', `${folder}:/certs:ro,z`]);
    expect(await ended()).toBe(2);
    expect(await log.until('make the folder writable')).toContain('listen.https.cert: /certs/tls.crt does not exist');
  });

  test('a mistake in the configuration: exit 2, and the sentence that names it', async () => {
    const file = configFile('mounts: [{ path: kpow, target: http://localhost:3000 }]');
    const { code, stderr } = await tryEngine('run', '--rm', '--no-healthcheck', ...mountConfig(file), image);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^\/etc\/kpow-gateway\/gateway\.yaml: mounts\[0\]\.path: .*\/kpow/m);
  });

  test('is not healthy while nothing serves', async () => {
    const { name, log } = await startContainer([], ['stand-in', 'tail']);
    await log.until('The stand-in tail serves');
    expect(await isHealthy(name)).toBe(false);
  });

  describe('as the first process of its container', () => {
    let tool: Upstream;
    /** The tool's answer to the next request, for the test to give. */
    let asked: Promise<ServerResponse>;
    let port: number;
    let file: string;
    beforeEach(async () => {
      const upstream = await httpUpstream(() => undefined);
      tool = upstream;
      asked = once(upstream.server, 'request').then(([, res]) => res as ServerResponse);
      [port = 0] = await freePorts(1);
      file = configFile(`listen: { https: { port: ${port}, host: 127.0.0.1 }, http: off }
mounts: [{ path: /tool, target: "${tool.url}" }]`);
    });
    afterEach(() => tool.close());
    // The tool is the test's, on loopback.
    const start = () => startContainer(['--network', 'host', ...locked, ...mountConfig(file)]);

    test('SIGTERM lets the request under way end, then the exit code is 0', async () => {
      const { log, kill, ended } = await start();
      await log.until('Serving 1 mount');
      const exchange = exchangeRaw(port, get('/tool/slow'));
      const answer = await asked;
      await kill('TERM');
      await log.until('SIGTERM: draining');
      answer.end('in the end');
      expect(readAnswer(await exchange)).toMatchObject({ status: 200, body: 'in the end' });
      expect(await ended()).toBe(0);
      await log.until('Stopped');
    });

    test('SIGHUP takes the changed configuration', async () => {
      const { log, kill } = await start();
      await log.until('Serving 1 mount');
      expect((await ask(port, '/other/x')).status).toBe(404);
      // Another file of this name, as sed -i and editors write it: the container has the folder.
      writeFileSync(`${file}.new`, readFileSync(file, 'utf8').replace('/tool', '/other'));
      renameSync(`${file}.new`, file);
      await kill('HUP');
      await log.until('Reloaded the configuration: mounts added: /other; mounts gone: /tool');
      const exchange = exchangeRaw(port, get('/other/x'));
      (await asked).end('there');
      expect(readAnswer(await exchange)).toMatchObject({ status: 200, body: 'there' });
    });

    test('a configuration that is mounted by itself is told of, and so is that it has been replaced', async () => {
      const alone = ['--volume', `${file}:/etc/kpow-gateway/gateway.yaml:ro,z`];
      const { log, kill } = await startContainer(['--network', 'host', ...locked, ...alone]);
      await log.until('/etc/kpow-gateway/gateway.yaml is mounted by itself: once');
      writeFileSync(`${file}.new`, readFileSync(file, 'utf8').replace('/tool', '/other'));
      renameSync(`${file}.new`, file);
      await kill('HUP');
      await log.until('/etc/kpow-gateway/gateway.yaml is mounted by itself, and has been replaced outside');
    });

    test('a stand-in ends at SIGTERM too', async () => {
      const { log, kill, ended } = await startContainer([], ['stand-in', 'kpow']);
      await log.until('The stand-in kpow serves');
      await kill('TERM');
      expect(await ended()).toBe(0);
    });
  });
});

function configFile(text: string): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const file = path.join(folder, 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}

const mountConfig = (file: string) => ['--volume', `${path.dirname(file)}:/etc/kpow-gateway:ro,z`];
