import http from 'node:http';
import https from 'node:https';
import type { Config } from '../config/config';
import { placeToAsk } from '../commands/healthcheck';
import { isWildcard } from '../config/own-address';

const mostBytes = 4 * 1024 * 1024;

/**
 * The metrics of the gateway that runs on this machine; null where none runs, or where it does not tell them. Never
 * rejects.
 * @param timeout milliseconds
 */
export function runningMetrics({ listen, metrics }: Config, timeout: number): Promise<string | null> {
  const own = metrics?.own;
  const place = own
    ? { protocol: 'http', port: own.port, host: isWildcard(own.host) ? '127.0.0.1' : own.host }
    : placeToAsk(listen);
  if (!metrics || place.port === 0) return Promise.resolve(null);
  return new Promise((resolve) => {
    const { protocol, host, port } = place;
    const options = { host, port, path: '/-/metrics', headers: { Host: 'localhost' }, agent: false };
    const signal = AbortSignal.timeout(timeout);
    const answered = (answer: http.IncomingMessage) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('error', () => resolve(null));
      answer.on('data', (part: string) => {
        text += part;
        if (text.length > mostBytes) answer.destroy();
      });
      answer.on('end', () => resolve(answer.statusCode === 200 ? text : null));
    };
    // This machine's own, as `healthcheck` asks it.
    const request =
      protocol === 'https'
        ? https.get({ ...options, signal, rejectUnauthorized: false }, answered)
        : http.get({ ...options, signal }, answered);
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}
