import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Html } from '../portal/html';

/** A whole answer, as a value. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Buffer;
}

const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
};

export function page(status: number, markup: Html, headers: OutgoingHttpHeaders = {}): Answer {
  return { status, headers: { ...pageHeaders, ...headers }, body: markup.toString() };
}

/** @param type without a charset; UTF-8 is added */
export function text(status: number, body: string, type = 'text/plain'): Answer {
  return { status, headers: { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' }, body };
}

export function json(status: number, value: unknown): Answer {
  const body = JSON.stringify(value) + '\n';
  return { status, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body };
}

export function redirect(location: string, headers: OutgoingHttpHeaders = {}): Answer {
  return { status: 302, headers: { ...headers, Location: location }, body: '' };
}

export function methodNotAllowed(allow: string): Answer {
  const { status, headers, body } = text(405, `Only ${allow} here.\n`);
  return { status, headers: { ...headers, Allow: allow }, body };
}

/** The path of a request target, without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

/** GET or HEAD; the server leaves the body away for the latter. */
export function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}
