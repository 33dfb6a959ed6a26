import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Target } from '../config/config';
import { usable } from './agent';
import type { ProbeTls } from './probe';

/**
 * Makes a connection to a target, TLS included, and closes it: what can be found out without a request.
 * @param timeout milliseconds
 * @returns whether there was one
 * @throws what Node refuses to try at all, such as a key that does not belong to its certificate
 */
export function canConnect(target: Target, tls: ProbeTls, timeout: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const place = { host: target.hostname, port: target.port };
    const secure = target.protocol === 'https:';
    const socket = secure ? connectTls({ ...place, ...usable(tls), ALPNProtocols: ['http/1.1'] }) : connectTcp(place);
    const finish = (connected: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', failed);
      socket.destroy();
      resolve(connected);
    };
    const failed = () => finish(false);
    socket.on('error', failed);
    socket.once('close', failed);
    socket.once(secure ? 'secureConnect' : 'connect', () => finish(true));
    const timer = setTimeout(failed, timeout).unref();
    signal.addEventListener('abort', failed);
  });
}
