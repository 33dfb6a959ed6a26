import { ConfigError, type Config } from '../config/config';
import { configWarnings } from '../config/warnings';
import { createGateway, type Addresses, type Gateway } from '../gateway';
import { forgetActivation, readActivation, unansweredSockets, type InheritedSockets } from '../listener/activation';
import { createLog, type Log } from '../observe/log';
import { whenToldToEnd } from './end-signals';
import { startFailure } from './start-failure';

export interface ServeOptions {
  readonly config: Config;
  /** Reads the configuration again; throws ConfigError. */
  readonly reload: (() => Config) | null;
  /** Called when it serves. */
  readonly ready?: (addresses: Addresses, log: Log) => void;
  /** Called when it no longer does. */
  readonly stopped?: () => Promise<void>;
}

/**
 * Runs a gateway until a signal ends it: SIGTERM and SIGINT drain, SIGHUP reloads. Sockets that systemd passes on are
 * used instead of the configured ports.
 * @returns the exit code
 * @throws ConfigError when such a socket has no listener
 */
export async function serve({ config, reload, ready, stopped }: ServeOptions): Promise<number> {
  const log = createLog(config.log);
  const inherited = takeSockets(config, log);
  const gateway = createGateway(config, log);
  // Before it starts: the first process of a container has no default for a signal.
  const ended = untilEnd(log);
  let addresses: Addresses;
  try {
    addresses = await gateway.start(inherited);
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
  for (const warning of configWarnings(config)) log.warn(warning);
  if (config.hosts === null) log.info('Requests are served whatever name they ask for; `hosts` names those that may');
  process.on('SIGHUP', () => {
    if (reload) void reloadNow(gateway, log, reload);
  });
  // Whoever starts the program waits for this line, whatever the log leaves out.
  const line = servingLine(config, addresses);
  if (log.isLevelEnabled('info')) log.info(line);
  else process.stdout.write(`${line}\n`);
  ready?.(addresses, log);
  const code = await ended;
  await gateway.stop();
  await stopped?.();
  log.info('Stopped');
  return code;
}

/** The sockets that systemd passes on, whichever the configuration has a listener for. */
function takeSockets({ listen }: Config, log: Log): InheritedSockets {
  const { sockets, problems, warnings } = readActivation(process.env, process.pid);
  forgetActivation(process.env);
  const all = [...problems, ...unansweredSockets(sockets, listen)];
  if (all.length > 0) throw new ConfigError('socket activation', all);
  for (const warning of warnings) log.warn(warning);
  for (const name of ['https', 'http'] as const) {
    const configured = listen[name];
    if (sockets[name] === undefined || configured === null) continue;
    log.info(
      `listen.${name}: the socket that systemd passes on is used, and not port ${configured.port} of ${configured.host}`,
    );
  }
  return sockets;
}

/** Resolves with the exit code when it is time to drain: a signal, or a mistake in the program. */
function untilEnd(log: Log): Promise<number> {
  return new Promise((resolve) => {
    let draining = false;
    whenToldToEnd((signal) => {
      // Whoever asks twice does not want to wait.
      if (draining) process.exit(1);
      draining = true;
      log.info(`${signal}: draining`);
      resolve(0);
    });
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error: unknown) => {
        log.fatal({ err: error }, 'A mistake in the gateway itself: draining, then ending. Please report it.');
        resolve(70);
      });
    }
  });
}

async function reloadNow(gateway: Gateway, log: Log, reload: () => Config): Promise<void> {
  try {
    const restart = await gateway.reload(reload);
    log.info('Reloaded the configuration');
    if (restart.length > 0) log.warn(`Restart to put in force: ${restart.join(', ')}`);
  } catch (error) {
    const problems =
      error instanceof ConfigError ? error.problems.map((problem) => `${error.file}: ${problem}`) : [String(error)];
    for (const problem of problems) log.error(problem);
    log.error('The new configuration was not taken; the old one stays in force');
  }
}

/** `https://localhost:8443, http://localhost:8080 (redirects)` */
function servingLine({ listen, mounts }: Config, { https, http }: Addresses): string {
  const places = [
    https && `https://${shown(https.address)}:${https.port}`,
    http && `http://${shown(http.address)}:${http.port}${listen.http?.mode === 'redirect' ? ' (redirects)' : ''}`,
  ].filter((place) => place !== null);
  return `Serving ${mounts.length} ${mounts.length === 1 ? 'mount' : 'mounts'} at ${places.join(' and ')}`;
}

/** An address that can be clicked: every address is reached as localhost. */
function shown(address: string): string {
  if (address === '0.0.0.0' || address === '::' || address === '127.0.0.1') return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}
