import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load';
import type { HealthReport } from '../../src/app/endpoints';
import { freePorts } from '../support/free-ports';
import { temporaryFolder } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import { readAnswer } from '../real/read-answer';
import { baseImage, buildImage, buildTimeout, describeCompose, image, Project, root, run, tryEngine } from './engine';

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly mem_limit: string;
  readonly restart: string;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
  readonly networks: readonly string[];
  readonly volumes?: readonly string[];
}
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const file = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };

describe('docker-compose.yml', () => {
  test('publishes the gateway alone, and gives every service limits and no privileges', () => {
    const { services } = file;
    expect(Object.keys(services).sort()).toEqual(['gateway', 'kafka', 'kpow', 'prometheus']);
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).toEqual(['gateway']);
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
        mem_limit: expect.any(String),
      });
    }
    expect(services['gateway']).toMatchObject({ read_only: true, networks: ['edge', 'tools'] });
  });

  test("its gateway's configuration is right, and ends before the engine loses patience", () => {
    const config = loadConfig(path.join(root, 'deploy/compose/gateway.yaml'), {});
    expect(config.mounts.map(({ path: mountPath, target }) => [mountPath, target.authority])).toEqual([
      ['/kpow', 'kpow:3000'],
      ['/prometheus', 'prometheus:9090'],
    ]);
    expect(parseInt(file.services['gateway']?.stop_grace_period ?? '', 10) * 1000).toBeGreaterThan(
      config.drain.timeout,
    );
  });

  test('its Prometheus loads the alert rules', () => {
    const { rule_files } = parse(read('deploy/observability/prometheus.yml')) as { rule_files: string[] };
    expect(file.services['prometheus']?.volumes).toContain('./deploy/observability:/etc/prometheus:ro,z');
    expect(rule_files).toEqual(['/etc/prometheus/alerts.yaml']);
    expect(existsSync(path.join(root, 'deploy/observability/alerts.yaml'))).toBe(true);
  });

  // What replaces a file that is mounted by itself is never seen in the container.
  test.each(['docker-compose.yml', 'docker-compose.demo.yml'])('%s mounts folders, not files', (name) => {
    const { services } = parse(read(name), { merge: true }) as typeof file;
    const places = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')));
    const mounted = places.filter(([from = '']) => from.startsWith('.'));
    expect(mounted.length).toBeGreaterThan(0);
    for (const [from = ''] of mounted) expect(statSync(path.join(root, from)).isDirectory()).toBe(true);
  });

  test('.env.example has every variable of it, with the same default', () => {
    const example = new Map(
      [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    const used = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]+)\}/g)];
    expect([...new Set(used.map(([, name]) => name))].sort()).toEqual([...example.keys()].sort());
    for (const [, name = '', value] of used)
      if (value !== undefined) expect([name, example.get(name)]).toEqual([name, value]);
  });
});

/** kPow's and Kafka's images cannot be had without their registry: these answer under the services' names. */
const settings = {
  PUBLIC_URL: 'https://kafka.example.com',
  BIND_ADDRESS: '127.0.0.1',
  GATEWAY_IMAGE: image,
  KPOW_IMAGE: 'kpow-gateway-test-kpow',
  KAFKA_IMAGE: 'kpow-gateway-test-kafka',
  PROMETHEUS_IMAGE: 'kpow-gateway-test-prometheus',
  LICENSE_ID: 'none',
  LICENSE_CODE: 'none',
  LICENSEE: 'Nobody',
  LICENSE_EXPIRY: '2026-01-01',
  LICENSE_SIGNATURE: 'none',
};

describeCompose('docker-compose.yml, started', () => {
  beforeAll(() => buildImage(), buildTimeout);

  test.each(['LICENSE_ID', 'PUBLIC_URL'] as const)(
    'without %s nothing starts, and it is said what to do',
    async (name) => {
      const { [name]: _, ...rest } = settings;
      const project = new Project('docker-compose.yml', rest);
      const { code, stderr } = await project.compose('up', '--detach');
      expect(code).not.toBe(0);
      expect(stderr).toContain(name === 'PUBLIC_URL' ? 'set it to the address that people use' : 'copy .env.example');
      expect(await project.containers()).toEqual(new Map());
    },
  );

  const prometheus = '/usr/bin/prometheus';
  const title = 'with stand-ins for kPow and Kafka, and a real Prometheus';
  (existsSync(prometheus) ? test : test.skip)(
    existsSync(prometheus) ? title : `${title} (skipped: prometheus is not installed)`,
    async () => {
      await buildFrom(settings.KPOW_IMAGE, `FROM ${image}\nCMD ["stand-in", "kpow", "--host", "0.0.0.0"]\n`);
      await buildFrom(settings.KAFKA_IMAGE, `FROM ${image}\nCMD ["stand-in", "tail"]\n`);
      await buildFrom(
        settings.PROMETHEUS_IMAGE,
        `FROM ${baseImage}\nCOPY prometheus /bin/\nRUN mkdir /prometheus && chown 65534:65534 /prometheus\n` +
          'USER 65534:65534\nENTRYPOINT ["/bin/prometheus"]\n',
        prometheus,
      );
      const [https = 0, http = 0] = await freePorts(2);
      const project = new Project('docker-compose.yml', {
        ...settings,
        HTTPS_PORT: String(https),
        HTTP_PORT: String(http),
      });
      try {
        await project.up();
        const get = async (target: string) => {
          const request = `GET ${target} HTTP/1.1\r\nHost: kafka.example.com\r\nConnection: close\r\n\r\n`;
          return readAnswer(await exchangeRaw(https, request));
        };
        const states = async () => {
          const { body } = await get('/-/healthy');
          return (JSON.parse(body) as HealthReport).mounts.map(({ name, state }) => `${name}: ${state}`);
        };
        const well = ['kPow: healthy', 'Prometheus: healthy'];
        while ((await states().catch(() => [])).join() !== well.join()) await pause(200);
        const { data } = JSON.parse((await get('/prometheus/api/v1/status/flags')).body);
        expect(data['web.external-url']).toBe('https://kafka.example.com/prometheus');
        const scrapes = async () => {
          const { data: listed } = JSON.parse((await get('/prometheus/api/v1/targets')).body);
          const targets = listed.activeTargets as { scrapeUrl: string; health: string }[];
          return Object.fromEntries(targets.map(({ scrapeUrl, health }) => [scrapeUrl, health]));
        };
        // It serves before it has made up its list of targets, and lists them before it has asked them.
        let found = await scrapes();
        while (Object.keys(found).length < 2 || Object.values(found).includes('unknown')) {
          await pause(200);
          found = await scrapes();
        }
        expect(found).toEqual({
          'http://gateway:9464/metrics': 'up',
          'http://localhost:9090/prometheus/metrics': 'up',
        });
        const { data: rules } = JSON.parse((await get('/prometheus/api/v1/rules')).body);
        expect(JSON.stringify(rules)).toContain('KpowInErrorState');
      } finally {
        await project.down();
        await tryEngine('image', 'rm', settings.KPOW_IMAGE, settings.KAFKA_IMAGE, settings.PROMETHEUS_IMAGE);
      }
    },
    180_000,
  );
});

async function buildFrom(name: string, dockerfile: string, ...files: string[]): Promise<void> {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'Dockerfile'), dockerfile);
  for (const each of files) copyFileSync(each, path.join(folder, path.basename(each)));
  await run('build', '--tag', name, folder);
}
