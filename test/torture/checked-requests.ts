import { createHash } from 'node:crypto';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** A kind of request to `killed-tool.cjs`. What it sends and what it is to get are made of its own target. */
interface Kind {
  /** The lines of its body; 0 for none. */
  readonly upload: number;
  readonly chunked?: true;
  readonly answer: (target: string) => string;
}

const lines = (target: string, count: number): string => `${target}\n`.repeat(count);

const kinds: Readonly<Record<string, Kind>> = {
  short: { upload: 0, answer: (target) => lines(target, 1) },
  long: { upload: 0, answer: (target) => lines(target, 20_000) },
  digest: {
    upload: 10_000,
    answer: (target) => `${target} ${createHash('sha256').update(lines(target, 10_000)).digest('hex')}`,
  },
  chunks: { upload: 0, answer: (target) => lines(target, 1_000) },
  echo: { upload: 10_000, chunked: true, answer: (target) => lines(target, 10_000) },
};
const names = Object.keys(kinds);

/** whole: its own answer. refused: the gateway's own. broken: its client can tell. Anything else says what is wrong. */
export type Fate = 'whole' | 'refused' | 'broken' | { readonly wrong: string };

/** How long a request may go without an end, in milliseconds. */
const patience = 20_000;

/** The nth request, of one kind after the other. @param headers of its own */
export async function askChecked(
  nth: number,
  port: number,
  agent: http.Agent,
  headers: http.OutgoingHttpHeaders,
): Promise<Fate> {
  const name = names[nth % names.length] ?? '';
  const { upload, chunked, answer } = kinds[name]!;
  const target = `/${name}/${nth}`;
  const body = lines(target, upload);
  const framing = upload === 0 || chunked ? {} : { 'Content-Length': body.length };
  const { status, text, end } = await exchange(
    {
      port,
      agent,
      host: '127.0.0.1',
      method: upload > 0 ? 'POST' : 'GET',
      path: `/tool${target}`,
      headers: { accept: 'application/json', ...headers, ...framing },
    },
    body,
  );
  if (end === 'broken') return end;
  if (end === 'whole' && status === 200 && text === answer(target)) return end;
  if (end === 'whole' && status >= 502 && status <= 504 && text.includes('"requestId"')) return 'refused';
  return { wrong: `${target}: ${end}, ${status} with ${text.length} bytes: ${JSON.stringify(text.slice(0, 80))}` };
}

function exchange(
  options: http.RequestOptions,
  body: string,
): Promise<{ status: number; text: string; end: 'whole' | 'broken' | 'no end' }> {
  return new Promise((resolve) => {
    let status = 0;
    let text = '';
    const request = http.request(options, (answer) => {
      status = answer.statusCode ?? 0;
      answer.setEncoding('latin1').on('data', (more: string) => (text += more));
      answer.on('error', () => end('broken'));
      answer.on('end', () => end(answer.complete ? 'whole' : 'broken'));
    });
    const timer = setTimeout(() => {
      end('no end');
      request.destroy();
    }, patience);
    const end = (how: 'whole' | 'broken' | 'no end') => {
      clearTimeout(timer);
      resolve({ status, text, end: how });
    };
    request.on('error', () => end('broken'));
    void send(request, body);
  });
}

/** In pieces, so that what happens meanwhile happens in its midst. */
async function send(request: http.ClientRequest, body: string): Promise<void> {
  const piece = Math.ceil(body.length / 5) || 1;
  for (let at = 0; at < body.length && !request.destroyed; at += piece) {
    if (at > 0) await pause(5);
    request.write(body.slice(at, at + piece));
  }
  request.end();
}
