import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { HttpsListen } from '../config/config';
import { contextOf, type RequestContext } from './context';

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

/** Fields of every answer, proxied or own: the request's id, and HSTS where the connection is TLS (RFC 6797 §7.2). */
export function gatewayFields(context: RequestContext, https: HttpsListen | null): Record<string, string> {
  const secure = context.peer.secure && https !== null && https.hsts > 0;
  return {
    'X-Request-Id': context.id,
    ...(secure ? { 'Strict-Transport-Security': `max-age=${Math.floor(https.hsts / 1000)}` } : {}),
  };
}

/** Fields of an answer that the gateway itself writes. */
export function ownPageFields(context: RequestContext, https: HttpsListen | null): Record<string, string> {
  return { ...helmetFields, ...gatewayFields(context, https) };
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
