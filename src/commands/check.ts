import path from 'node:path';
import { inspectAcme } from '../acme/inspect';
import { ConfigError, type Config } from '../config/config';
import { loadConfig } from '../config/load';
import { loneMountWarnings, LoneMounts } from '../config/lone-mounts';
import { namedFiles } from '../config/named-files';
import { formatTarget } from '../config/target';
import { configWarnings } from '../config/warnings';
import { inspectTlsFiles, tlsFilesOf, type TlsFiles } from '../listener/tls-files';
import { uncoveredHosts } from '../listener/uncovered-hosts';
import { nodeWarnings } from '../node-releases';

/**
 * Reads the configuration and its certificates, and starts and writes nothing.
 *
 * @param out called with each line to print
 * @param node what is to be said against the Node that this runs on
 * @returns the exit code: 0, or 2 when there are problems
 */
export function check(file: string, out: (line: string) => void, node = nodeWarnings()): number {
  let config: Config;
  try {
    config = loadConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const code = refuse(file, error.problems, out);
    if (error.ofSingleTools) out('  serve starts all the same, without the tools that these files are for');
    return code;
  }
  const { https, http } = config.listen;
  const acme = inspectAcme(config);
  if (acme !== null && acme.problems.length > 0) return refuse(file, acme.problems, out);
  const tls = https && inspectTlsFiles(https);
  if (tls !== null && tls.problems.length > 0) return refuse(file, tls.problems, out);

  out(`${file}: ready to serve`);
  if (https !== null) {
    const pair = tls?.own ?? null;
    const what =
      acme?.certificate ??
      (pair === null
        ? `a self-signed certificate will be generated at ${relative(https.cert)}`
        : `${relative(https.cert)}, valid until ${pair.validTo.toISOString().slice(0, 10)}`);
    out(`  https  ${address(https)}  (${what})`);
    tls?.others.forEach(({ names, validTo }, index) => {
      const file = https.certificates[index]?.cert ?? '';
      out(`  https  ${names.join(', ')}  (${relative(file)}, valid until ${validTo.toISOString().slice(0, 10)})`);
    });
    if (https.clientCa !== null)
      out(`  https  client certificates are ${https.clientAuth}  (from ${relative(https.clientCa)})`);
  }
  if (http !== null)
    out(`  http   ${address(http)}  (${http.mode === 'serve' ? 'serves the mounts' : 'redirects to https'})`);
  const { rateLimitStore: store } = config;
  if (store !== null) out(`  store  ${address(store)}  (counts for rateLimit${store.tls ? ', by TLS' : ''})`);
  if (acme !== null) out(`  acme   ${acme.demand}`);
  const width = Math.max(...config.mounts.map((mount) => mount.path.length));
  for (const mount of config.mounts)
    out(`  ${mount.path.padEnd(width)}  ${mount.name} → ${mount.targets.map(formatTarget).join(', ')}`);
  const warnings = [
    ...configWarnings(config),
    ...(tls?.warnings ?? []),
    ...nameWarnings(config, tls),
    ...loneMountWarnings(new LoneMounts().among(filesOf(file, config))),
    ...node,
  ];
  for (const warning of warnings) out(`  warning: ${warning}`);
  return 0;
}

/** Of names that are served and that no certificate has; a pair that is to be generated is told of as such. */
function nameWarnings({ hosts, listen: { https }, trustedProxies }: Config, tls: TlsFiles | null): string[] {
  const ordered = https?.acme?.domains ?? [];
  if (hosts === null || tls === null || (tls.own === null && ordered.length === 0)) return [];
  const pairs = [...(tls.own === null ? [] : [tls.own]), ...tls.others];
  return uncoveredHosts(hosts, pairs, ordered, trustedProxies.length > 0);
}

function filesOf(file: string, config: Config): string[] {
  const { https } = config.listen;
  const own = file.startsWith('env:') ? [] : [path.resolve(file)];
  return [...own, ...(https === null ? [] : tlsFilesOf(https)), ...namedFiles(config)];
}

function refuse(file: string, problems: readonly string[], out: (line: string) => void): 2 {
  out(`${file}: ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`);
  for (const problem of problems) out(`  ${problem}`);
  return 2;
}

function address({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function relative(file: string): string {
  const name = path.relative(process.cwd(), file);
  return name.startsWith('..') ? file : name;
}
