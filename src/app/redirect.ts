import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientView } from '../headers/forwarded';
import type { HttpsListen } from '../config/config';
import { contextOf } from './context';
import { gatewayFields } from './own-page';
import { announcesBody } from './request-head';

/** The same address over TLS, at the port that the public knows. */
export function toHttps({ origin, prefix }: ClientView, publicPort: number, target: string): string {
  return `https://${origin.hostname}${publicPort === 443 ? '' : `:${String(publicPort)}`}${prefix}${target}`;
}

/** 308 keeps the method and the body (RFC 9110 §15.4.9). */
export function redirectTo(
  req: IncomingMessage,
  res: ServerResponse,
  location: string,
  https: HttpsListen | null,
): void {
  res.writeHead(308, {
    Location: location,
    'Content-Length': 0,
    ...gatewayFields(contextOf(req), https),
    ...(announcesBody(req) ? { Connection: 'close' } : {}),
  });
  res.end();
}
