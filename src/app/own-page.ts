import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { HttpsListen } from '../config/config';
import type { Peer } from '../headers/forwarded';
import { contextOf } from './context';

/** What the gateway's own pages may load: themselves, from here. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

const protect = helmet({ contentSecurityPolicy, strictTransportSecurity: false, xFrameOptions: { action: 'deny' } });

/** helmet's fields never change, so they are taken from it once. */
export const helmetFields = ((): Record<string, string> => {
  const fields: Record<string, string> = {};
  const sink = { setHeader: (name: string, value: string) => (fields[name] = value), removeHeader: () => undefined };
  protect({} as never, sink as never, () => undefined);
  return fields;
})();

/** An answer, as far as the gateway's own fields depend on it. */
export interface AnsweredRequest {
  readonly id: string;
  readonly peer: Peer;
}

/** Strict-Transport-Security's value; null where none is sent: on plain connections never (RFC 6797 §7.2). */
export function strictTransport({ secure }: Peer, https: HttpsListen | null): string | null {
  return secure && https !== null && https.hsts !== null ? `max-age=${Math.floor(https.hsts / 1000)}` : null;
}

/** Fields of every answer, proxied or own: the request's id, and HSTS. */
export function gatewayFields({ id, peer }: AnsweredRequest, https: HttpsListen | null): Record<string, string> {
  const hsts = strictTransport(peer, https);
  return { 'X-Request-Id': id, ...(hsts === null ? {} : { 'Strict-Transport-Security': hsts }) };
}

/** Fields of an answer that the gateway itself writes. */
export function ownPageFields(request: AnsweredRequest, https: HttpsListen | null): Record<string, string> {
  return { ...helmetFields, ...gatewayFields(request, https) };
}

/** Puts the fields on answers of the handlers behind it, and counts what they send. */
export function ownPages(https: HttpsListen | null): RequestHandler {
  return (req, res, next) => {
    const context = contextOf(req);
    for (const [name, value] of Object.entries(ownPageFields(context, https))) res.setHeader(name, value);
    // Before the access line is written, which happens at the same event.
    res.prependOnceListener('finish', () => {
      if (req.method !== 'HEAD') context.bytes ||= Number(res.getHeader('content-length') ?? 0);
    });
    next();
  };
}
