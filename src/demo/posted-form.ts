import type { IncomingMessage } from 'node:http';
import { methodNotAllowed, text } from './answer';
import type { Answer } from './answer';

/** The form that was posted, at most 4 kB of it, or the answer that refuses it. */
export async function postedForm(request: IncomingMessage): Promise<URLSearchParams | Answer> {
  if (request.method !== 'POST') return methodNotAllowed('POST');
  // Another site's page must not press this site's buttons.
  const site = request.headers['sec-fetch-site'] ?? 'none';
  if (site !== 'same-origin' && site !== 'none') return refusal(403, 'Only from a page of this tool.\n');
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return refusal(415, 'Only a form (application/x-www-form-urlencoded).\n');
  }
  const body = await readBody(request, 4096);
  return body === null ? refusal(413, 'The form is too large.\n') : new URLSearchParams(body);
}

function refusal(status: number, message: string): Answer {
  const answer = text(status, message);
  // The rest of the body may still be on its way.
  return { ...answer, headers: { ...answer.headers, Connection: 'close' } };
}

async function readBody(request: IncomingMessage, limit: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop early must not destroy the socket: the refusal still has to go out on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
