import type { Attributes } from '@opentelemetry/api';
import type { Target } from '../../config/config';
import { valuesOf } from '../../headers/raw';
import { printable } from '../printable';
import { safeTarget } from '../redact';
import type { EndedRequest } from './tracer';

/*
 * What spans say, by OpenTelemetry's conventions for HTTP (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
 * Every text may be hostile, and no value of a query is among them.
 */

/** The methods that the conventions know; any other is `_OTHER`, so that names stay few. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY']);

const longestText = 256;
const short = (text: string) => printable(text.slice(0, longestText));

/** `GET /kpow`; `GET` for the gateway's own pages. */
export function spanName(method: string, mount: string | null): string {
  const known = knownMethods.has(method) ? method : 'HTTP';
  return mount === null ? known : `${known} ${mount}`;
}

function methodAttributes(method: string): Attributes {
  if (knownMethods.has(method)) return { 'http.request.method': method };
  return { 'http.request.method': '_OTHER', 'http.request.method_original': short(method) };
}

export function requestAttributes({ record, raw, httpVersion, origin }: EndedRequest): Attributes {
  const { id, mount, method, url, status, client } = record;
  const [path = '', query] = safeTarget(url).split(/\?(.*)/s);
  const [userAgent] = valuesOf(raw, 'user-agent');
  const error = errorType(record);
  return {
    ...methodAttributes(method),
    'url.path': path,
    ...(query === undefined ? {} : { 'url.query': query }),
    ...(origin === null
      ? {}
      : {
          'url.scheme': origin.proto,
          'server.address': short(origin.hostname.replace(/^\[(.*)\]$/, '$1')),
          'server.port': origin.port,
        }),
    'client.address': short(client),
    'network.protocol.version': httpVersion,
    'http.response.status_code': status,
    'kpow_gateway.request_id': short(id),
    ...(mount === null ? {} : { 'http.route': mount, 'kpow_gateway.mount': mount }),
    ...(userAgent === undefined ? {} : { 'user_agent.original': short(userAgent) }),
    ...(error === null ? {} : { 'error.type': error }),
  };
}

/** The failure's code; without one (the tool itself answers so) the status, where it is the server's fault. */
function errorType({ status, failure }: EndedRequest['record']): string | null {
  if (failure !== null) return failure.code;
  return status >= 500 ? String(status) : null;
}

/** Whether a request went wrong in the server's eyes: not where the client asked for it, or left. */
export function isServerError({ status, failure }: EndedRequest['record']): boolean {
  return status >= 500 || (failure !== null && status < 400);
}

export function exchangeAttributes(method: string, target: Target, path: string): Attributes {
  return {
    ...methodAttributes(method),
    'url.full': `${target.protocol}//${target.authority}${safeTarget(path)}`,
    'server.address': target.hostname,
    'server.port': target.port,
    'network.protocol.version': '1.1',
  };
}
