import type { IncomingHttpHeaders } from 'node:http';

export interface RequestOrigin {
  readonly scheme: 'http' | 'https';
  /** A name, an IPv4 address, or an IPv6 address in brackets. */
  readonly hostname: string;
  /** null when it is the scheme's default. */
  readonly port: number | null;
}

interface HostPort {
  readonly hostname: string;
  readonly port: number | null;
}

const defaultPorts = { http: 80, https: 443 };

/**
 * The origin that a Jetty server believes it was asked at, as its ForwardedRequestCustomizer works it out: the
 * leftmost value counts, `Forwarded` (RFC 7239) outranks the X- fields, a port in X-Forwarded-Host outranks
 * X-Forwarded-Port. Whoever sends these fields is believed, as slipway does.
 *
 * @param honourForwarded `HTTP_FORWARDED=true`; otherwise only Host counts and the scheme is http
 * @returns null when a field is malformed, which Jetty answers with 400
 */
export function requestOrigin(headers: IncomingHttpHeaders, honourForwarded: boolean): RequestOrigin | null {
  const host = parseHostPort(headers.host ?? '');
  if (host === null) return null;
  if (!honourForwarded) return origin('http', host.hostname, host.port);

  const forwarded = parseForwarded(leftmost(headers['forwarded']));
  const forwardedHost = optionalHostPort(forwarded['host']);
  const xHost = optionalHostPort(leftmost(headers['x-forwarded-host']));
  const xServer = optionalHostPort(leftmost(headers['x-forwarded-server']));
  const xPort = optionalPort(leftmost(headers['x-forwarded-port']));
  if (forwardedHost === null || xHost === null || xServer === null || xPort === null) return null;

  const proxiedHttps = /^(on|true)$/i.test(leftmost(headers['x-proxied-https']) ?? '');
  const scheme = forwarded['proto'] ?? leftmost(headers['x-forwarded-proto']) ?? (proxiedHttps ? 'https' : 'http');
  if (!/^https?$/i.test(scheme)) return null;

  const named = forwardedHost ?? xHost ?? xServer;
  const port =
    forwardedHost !== undefined
      ? forwardedHost.port
      : (xHost?.port ?? xPort ?? xServer?.port ?? (named !== undefined || proxiedHttps ? null : host.port));
  return origin(scheme.toLowerCase() === 'https' ? 'https' : 'http', (named ?? host).hostname, port);
}

/** @param explicitPort writes the default port too, as kPow behind `http://kpow.info:80/` does */
export function originUrl({ scheme, hostname, port }: RequestOrigin, explicitPort = false): string {
  if (port === null && !explicitPort) return `${scheme}://${hostname}`;
  return `${scheme}://${hostname}:${port ?? defaultPorts[scheme]}`;
}

function origin(scheme: 'http' | 'https', hostname: string, port: number | null): RequestOrigin {
  return { scheme, hostname, port: port === defaultPorts[scheme] ? null : port };
}

function leftmost(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value[0] : value;
  return text?.split(',')[0]?.trim();
}

function parseForwarded(element: string | undefined): Partial<Record<string, string>> {
  const pairs: Partial<Record<string, string>> = {};
  for (const pair of (element ?? '').split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const value = pair
      .slice(equals + 1)
      .trim()
      .replace(/^"|"$/g, '');
    if ((name === 'proto' || name === 'host') && !value.includes('"')) pairs[name] = value;
  }
  return pairs;
}

function parseHostPort(text: string): HostPort | null {
  const [, hostname, port] = /^([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (hostname === undefined) return null;
  const parsed = optionalPort(port);
  return parsed === null ? null : { hostname, port: parsed ?? null };
}

/** undefined: not given; null: malformed. */
function optionalHostPort(text: string | undefined): HostPort | null | undefined {
  return text === undefined ? undefined : parseHostPort(text);
}

function optionalPort(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
