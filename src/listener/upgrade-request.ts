import type { IncomingMessage } from 'node:http';
import { fieldLines, hasField, listOf, valuesOf, type RawHeaders } from '../headers/raw';

/**
 * Whether an upgrade is a websocket handshake (RFC 6455 §4.2.1): GET, and no body, since bytes behind its head would be
 * a second request to whoever reads them as one.
 */
export function isWebsocketUpgrade(
  req: Pick<IncomingMessage, 'method' | 'httpVersion'> & { readonly rawHeaders: RawHeaders },
): boolean {
  const upgrade = listOf(req.rawHeaders, 'upgrade');
  return (
    req.method === 'GET' &&
    req.httpVersion === '1.1' &&
    upgrade.length === 1 &&
    upgrade[0]?.toLowerCase() === 'websocket' &&
    !hasField(req.rawHeaders, 'transfer-encoding') &&
    valuesOf(req.rawHeaders, 'content-length').every((length) => Number(length) === 0)
  );
}

/** The head of a request again, to the letter, without its Upgrade fields. */
export function withoutUpgrade(req: IncomingMessage): Buffer {
  const first = `${req.method ?? 'GET'} ${req.url ?? '/'} HTTP/${req.httpVersion}`;
  const fields = fieldLines(req.rawHeaders).filter((line) => !/^upgrade:/i.test(line));
  return Buffer.from([first, ...fields, '', ''].join('\r\n'), 'latin1');
}
