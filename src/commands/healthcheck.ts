import http from 'node:http';
import https from 'node:https';
import { ConfigError, type Config } from '../config/config';
import { loadListen } from '../config/load';
import { isWildcard } from '../config/own-address';

/** What the health check found, in a sentence. */
export interface Verdict {
  readonly healthy: boolean;
  readonly message: string;
}

interface Place {
  readonly protocol: 'https' | 'http';
  readonly host: string;
  readonly port: number;
}

/**
 * Asks the gateway of this machine at `/-/up`, as a container engine does every few seconds. Only `listen` is read of
 * the configuration: a mistake made elsewhere since the gateway started does not make it sick.
 *
 * @param timeout milliseconds for the whole exchange
 */
export async function healthcheck(file: string, timeout: number): Promise<Verdict> {
  let listen: Config['listen'];
  try {
    listen = loadListen(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return sick(`${file}: ${error.problems.join('; ')}`);
  }
  const place = placeToAsk(listen);
  if (place.port === 0) return sick(`${file}: listen.${place.protocol}.port is 0, so it is any free one; name a port`);
  const url = urlOf(place);
  try {
    const status = await statusOf(place, timeout);
    if (status === 200) return { healthy: true, message: `${url} answers 200` };
    return sick(`${url} answers ${status} instead of 200; is it another program's?`);
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    if (name === 'AbortError') return sick(`${url} does not answer within ${timeout} ms; see the gateway's log`);
    return sick(`${url} cannot be reached (${code ?? message}); see the gateway's log`);
  }
}

const sick = (message: string): Verdict => ({ healthy: false, message });

/** The listener that serves: https, or http where https is off. A wildcard address is reached on loopback. */
export function placeToAsk({ https, http }: Config['listen']): Place {
  const { port, host } = https ?? http ?? { port: 0, host: '' };
  const loopback = host === '::' ? '::1' : '127.0.0.1';
  return { protocol: https ? 'https' : 'http', host: isWildcard(host) ? loopback : host, port };
}

function urlOf({ protocol, host, port }: Place): string {
  return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}/-/up`;
}

function statusOf({ protocol, host, port }: Place, timeout: number): Promise<number> {
  const options = { host, port, path: '/-/up', headers: { Host: 'localhost' }, signal: AbortSignal.timeout(timeout) };
  return new Promise((resolve, reject) => {
    const answered = (res: http.IncomingMessage) => {
      res.destroy();
      resolve(res.statusCode ?? 0);
    };
    // Whose certificate it is does not matter: nothing is told to the peer, and it is this machine's.
    const request =
      protocol === 'https'
        ? https.get({ ...options, rejectUnauthorized: false, agent: false }, answered)
        : http.get({ ...options, agent: false }, answered);
    request.on('error', reject);
    request.on('upgrade', answered);
    // Nothing else may end the exchange without a word: the program would end, and with 0, which says healthy.
    request.on('close', () => reject(new Error('it closed the connection')));
  });
}
