import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from './gateway';
import { startProgram, type Program } from './program';

export interface PrometheusOptions {
  readonly port: number;
  /** `--web.external-url`: where people see it. */
  readonly externalUrl: string;
  /** `--web.route-prefix`; without it the path of the external URL. */
  readonly routePrefix?: string;
  /** Further jobs, and files with rules. */
  readonly scrape?: readonly object[];
  readonly rules?: readonly string[];
}

/** The job for a gateway on this machine, as docs/observability.md has it but for the certificate. */
export function gatewayJob(httpsPort: number): object {
  return {
    job_name: 'kpow-gateway',
    scheme: 'https',
    metrics_path: '/-/metrics',
    tls_config: { insecure_skip_verify: true },
    static_configs: [{ targets: [`127.0.0.1:${httpsPort}`] }],
  };
}

/** A real Prometheus that scrapes itself, and what it is told besides, four times a second. */
export async function startPrometheus(options: PrometheusOptions): Promise<Program> {
  const { port, externalUrl, routePrefix, scrape = [], rules = [] } = options;
  const folder = temporaryFolder();
  const prefix = (routePrefix ?? new URL(externalUrl).pathname).replace(/\/$/, '');
  const config = path.join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '250ms' },
      rule_files: rules,
      scrape_configs: [
        { job_name: 'self', metrics_path: `${prefix}/metrics`, static_configs: [{ targets: [`127.0.0.1:${port}`] }] },
        ...scrape,
      ],
    }),
  );
  const prometheus = await startProgram(
    process.env['PROMETHEUS'] ?? 'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=${externalUrl}`,
      ...(routePrefix === undefined ? [] : [`--web.route-prefix=${routePrefix}`]),
    ],
    { package: 'prometheus' },
  );
  while (!(await hasScraped(`http://127.0.0.1:${port}${prefix}/api/v1/query?query=up`))) {
    if (prometheus.over) throw new Error(`Prometheus did not start; it said:\n${prometheus.output}`);
    await pause(50);
  }
  return prometheus;
}

function hasScraped(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve(answer.statusCode === 200 && text.includes('"1"')));
      answer.on('error', () => resolve(false));
    });
    request.on('error', () => resolve(false));
  });
}
