import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** Instead of the URL's own, and sent as it stands. */
  readonly path?: string;
}

/** One request on a connection of its own, which may name any Host and follows no redirect. */
export async function ask(url: string, { method = 'GET', headers = {}, body, path }: Asking = {}): Promise<Asked> {
  const sent = request(url, { method, headers, agent: false, ...(path === undefined ? {} : { path }) });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

export function post(url: string, form: Record<string, string>, headers: OutgoingHttpHeaders = {}): Promise<Asked> {
  return ask(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  });
}

/** The `name=value` of the only Set-Cookie field, as a browser sends it back. */
export function cookieOf({ headers }: Asked): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}
