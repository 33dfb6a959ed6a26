import type { Way } from '../../../src/observe/request-outcome';
import { keepFromRelay } from '../keep-from-relay';
import { RawClient } from '../raw-client';
import type { TestGateway } from '../gateway';
import type { Entrance } from './entrance';
import { turns } from './turns';
import type { Script, ScriptedTool } from './scripted-tool';
import { fieldValues, readTranscript, type ReadAnswer } from './transcript';

/** Requests on one connection of a client, and how the tool answers them. */
export interface Case {
  readonly tls: boolean;
  /** Whether all requests are written at once; else each when the answer before it is there. */
  readonly pipelined: boolean;
  readonly exchanges: readonly CaseExchange[];
  /** How the first request is cut, where it does not arrive as a whole. */
  readonly pieces?: readonly string[] | undefined;
}

export interface CaseExchange {
  readonly method: string;
  /** latin1, with its body, or with what a websocket's client sends early. */
  readonly request: string;
  /** What a websocket's client sends when it has been accepted. */
  readonly late?: string;
  readonly script: Script;
}

/** What can be told of a case from outside, without what differs each time. */
export interface Outcome {
  readonly upstream: readonly { readonly head: readonly string[]; readonly body: string; readonly tunnel: string }[];
  readonly answers: readonly ReadAnswer[];
  /** What came behind the answers. */
  readonly rest: string;
  readonly lines: readonly Record<string, unknown>[];
}

export interface Sent {
  readonly outcome: Outcome;
  /** Which way each request took. */
  readonly ways: readonly Way[];
}

/** A request behind the others, which tells whether the connection can still be used. */
const probePath = '/strip/probe';
const probe = `GET ${probePath} HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n`;

/** How long a case may take that is over in milliseconds. */
const patience = 10_000;

/** Sends the requests of a case by one way. @param by how they come in; the gateway's mounts have to fit that */
export async function send(
  { tls, pipelined, exchanges, pieces }: Case,
  by: Entrance,
  gateway: TestGateway,
  tool: ScriptedTool,
): Promise<Sent> {
  tool.load(exchanges.map(({ script }) => script));
  const before = gateway.lines.length;
  const client = await RawClient.connect(tls ? gateway.httpsPort : gateway.httpPort, tls);
  if (by === 'app') keepFromRelay(client);
  const limit = AbortSignal.timeout(patience);
  limit.addEventListener('abort', () => client.destroy());
  try {
    const methods = [...exchanges.map(({ method }) => method), 'GET'];
    if (pipelined) client.write(exchanges.map(({ request }) => request).join('') + probe);
    else await sendOneByOne(client, exchanges, methods, pieces);
    const { answers, rest } = readTranscript(await client.end(), methods, true);
    if (limit.aborted) throw new Error(`the connection has no end by the ${by}, after ${client.text}`);
    const answered = answers.flatMap(({ fields }) => fieldValues(fields, 'x-request-id'));
    // An answer that broke off in its head tells no id; the tool has got it.
    const sent = tool.seen.flatMap(({ head }) => fieldValues(head.split('\r\n'), 'x-request-id'));
    const accessLines = () => gateway.lines.slice(before).filter((line) => line['id'] !== undefined);
    await gateway.line(() => {
      const ended = accessLines().flatMap((line) => (line['status'] === undefined ? [] : String(line['id'])));
      return ended.length >= answered.length && sent.every((id) => ended.includes(id));
    });
    const lines = accessLines();
    return {
      outcome: withoutChance({ upstream: tool.seen, answers, rest, lines }),
      ways: lines.flatMap(({ way, path }) => (path === probePath ? [] : ((way as Way | undefined) ?? []))),
    };
  } finally {
    client.destroy();
  }
}

async function sendOneByOne(
  client: RawClient,
  exchanges: Case['exchanges'],
  methods: readonly string[],
  pieces: Case['pieces'],
): Promise<void> {
  for (const [i, { request, late }] of exchanges.entries()) {
    for (const piece of (i === 0 && pieces) || [request]) {
      client.write(piece);
      if (pieces) await turns();
    }
    const there = () => readTranscript(client.text, methods, client.closed).answers.length > i;
    await client.once(() => {
      if (!there()) return false;
      const last = readTranscript(client.text, methods, client.closed).answers[i];
      return last?.complete === true || last?.statusLine.startsWith('HTTP/1.1 101 ') === true;
    });
    if (client.closed) return;
    if (late !== undefined && client.text.includes('HTTP/1.1 101 ')) {
      client.write(late);
      return;
    }
  }
  client.write(probe);
}

/** Ids that the gateway made up, the time, and how long it took; and which way it was. */
function withoutChance({
  upstream,
  answers,
  rest,
  lines,
}: Omit<Outcome, 'upstream'> & { upstream: ScriptedTool['seen'] }): Outcome {
  const ids = new Map<string, string>();
  for (const id of lines.map((line) => String(line['id']))) {
    if (/^[0-9a-f]{32}$/.test(id) && !ids.has(id)) ids.set(id, `<id ${ids.size}>`);
  }
  const settle = (text: string) => {
    let settled = text;
    for (const [id, name] of ids) settled = settled.replaceAll(id, name);
    return settled
      .replace(/(?<=^Date: ).*/, (date) => (Math.abs(Date.parse(date) - Date.now()) < 60_000 ? '<now>' : date))
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z(?:">[^<]*)?/g, '<now>');
  };
  return {
    upstream: upstream.map(({ head, body, tunnel }) => ({ head: head.split('\r\n').map(settle), body, tunnel })),
    answers: answers.map((answer) => ({ ...answer, fields: answer.fields.map(settle), body: settle(answer.body) })),
    rest: settle(rest),
    lines: lines.map(({ id, durationMs, upstreamMs, way: _way, time: _time, err: _err, ...line }) => ({
      ...line,
      id: settle(String(id)),
      durationMs: typeof durationMs,
      upstreamMs: upstreamMs === null ? null : typeof upstreamMs,
    })),
  };
}
