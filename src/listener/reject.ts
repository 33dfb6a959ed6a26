import { STATUS_CODES } from 'node:http';
import type { FailureBody } from '../app/failure-body';
import { ProxyError, type ProxyErrorCode } from '../upstream/proxy-error';

const parserCodes: Record<string, ProxyErrorCode> = {
  HPE_HEADER_OVERFLOW: 'HEAD_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** What to tell of a request that Node's parser gave up; null when there is no one left to tell. */
export function parserFailure(error: NodeJS.ErrnoException): ProxyError | null {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return null;
  return new ProxyError(parserCodes[error.code ?? ''] ?? 'BAD_REQUEST', null, error);
}

/** Whether a browser sent it, as far as the bytes tell that the parser was given last. */
export function asksForHtml({ cause }: ProxyError): boolean {
  const { rawPacket } = (cause ?? {}) as { rawPacket?: Buffer };
  return rawPacket !== undefined && /\naccept:[^\r\n]*text\/html/i.test(rawPacket.toString('latin1'));
}

/** A failure in words, with the fields that go on every page of the gateway's own. */
export interface Explanation extends FailureBody {
  readonly fields: Readonly<Record<string, string>>;
}

/** The whole answer on a connection that carries no request any more, and is closed behind it. */
export function rawAnswer(error: ProxyError, id: string, { type, body, fields }: Explanation): string {
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${id}`,
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ].join('\r\n');
  return `${head}\r\n\r\n${body}`;
}
