import type { Socket } from 'node:net';
import type { RawClient } from '../../support/raw-client';
import { rawUpstream, readUntil, type Upstream } from '../../support/upstreams';
import { readAnswer, type Answer } from './answer';
import { requestText } from './scene';
import { echoPath } from './tool';

/**
 * What one side does of a sudden, when the other has got all that it said; or `at once`, perhaps in the same packet.
 * Silent, it neither says nor reads anything more.
 */
export const faults = {
  closes: (socket: Socket) => void socket.destroy(),
  'closes at once': (socket: Socket) => {
    socket.destroySoon();
  },
  'half-closes': (socket: Socket) => void socket.end(),
  resets: (socket: Socket) => void socket.resetAndDestroy(),
  'goes silent': () => undefined,
} as const satisfies Record<string, (socket: Socket) => void>;

export type Fault = keyof typeof faults;

/** What may become of a request. `by its end`: whole if the connection ends in order, else cut. */
type Outcome = 'refused' | 'cut' | 'whole' | 'by its end';

/** Where in a request and its answer a tool fails. */
export interface Stage {
  readonly when: string;
  /** What the client sends before, and what it sends of the same request as soon as the tool has failed. */
  readonly request: string;
  readonly rest: string;
  /** What the tool reads before; null is nothing. */
  readonly reads: string | null;
  /** What it says before, and what of that its client gets of the answer's body. */
  readonly says: string;
  readonly shows: string;
  readonly outcome: Outcome;
}

const target = '/tool/first';
const get = requestText(target);
const post = (framing: string) => requestText(target, { method: 'POST', fields: [framing] });
const byLength = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n';
const byChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n';
const large = 20_000_000;

const stage = (when: string, outcome: Outcome, more: Partial<Stage>): Stage => ({
  when,
  outcome,
  request: get,
  rest: '',
  reads: '\r\n\r\n',
  says: '',
  shows: '',
  ...more,
});
const refused = (when: string, more: Partial<Stage>) => stage(when, 'refused', more);
const cut = (when: string, says: string, shows = '') => stage(when, 'cut', { says, shows });
const whole = (when: string, says: string, shows = '') => stage(when, 'whole', { says, shows });

const stages: readonly Stage[] = [
  refused('as soon as it is connected, without reading', { reads: null }),
  refused('before it takes any of a large upload', {
    request: post(`Content-Length: ${large}`) + 'x'.repeat(large),
    reads: null,
  }),
  refused('before the body of an upload', { request: post('Content-Length: 8'), rest: 'somemore' }),
  refused('in an upload', { request: `${post('Content-Length: 8')}some`, rest: 'more', reads: 'some' }),
  refused('in an upload by chunks', {
    request: `${post('Transfer-Encoding: chunked')}4\r\nsome\r\n`,
    rest: '4\r\nmore\r\n0\r\n\r\n',
    reads: 'some\r\n',
  }),
  refused('behind an upload', { request: `${post('Content-Length: 8')}somemore`, reads: 'more' }),
  refused('behind an upload by chunks', {
    request: `${post('Transfer-Encoding: chunked')}8\r\nsomemore\r\n0\r\n\r\n`,
    reads: '0\r\n\r\n',
  }),
  refused('before its answer', {}),
  refused('in the status line', { says: 'HTTP/1.1 20' }),
  refused('behind the status line', { says: 'HTTP/1.1 200 OK\r\n' }),
  refused('in the head', { says: 'HTTP/1.1 200 OK\r\nContent-Length: 8' }),
  refused('before the last line end of the head', { says: byLength.slice(0, -1) }),
  refused('in an interim answer', { says: hint.slice(0, -6) }),
  refused('behind an interim answer', { says: hint }),
  refused('in the head behind an interim answer', { says: `${hint}HTTP/1.1 200 OK\r\nCont` }),
  cut('behind the head', byLength),
  cut('in a body with a length', `${byLength}half`, 'half'),
  cut('before the last byte', `${byLength}almost!`, 'almost!'),
  cut('behind the head of chunks', byChunks),
  cut('in the size of a chunk', `${byChunks}4\r\nhalf\r\n1`, 'half'),
  cut('behind the size of a chunk', `${byChunks}4\r\nhalf\r\n10\r\n`, 'half'),
  cut('in a chunk', `${byChunks}8\r\nhalf`, 'half'),
  cut('behind the data of a chunk', `${byChunks}4\r\nhalf`, 'half'),
  cut('between two chunks', `${byChunks}4\r\nhalf\r\n`, 'half'),
  cut('in the last chunk', `${byChunks}4\r\nhalf\r\n0`, 'half'),
  cut('behind the last chunk', `${byChunks}4\r\nhalf\r\n0\r\n`, 'half'),
  cut('in the trailers', `${byChunks}4\r\nhalf\r\n0\r\nX-Sum: 1\r\n`, 'half'),
  cut('before the last line end', `${byChunks}4\r\nhalf\r\n0\r\nX-Sum: 1\r\n\r`, 'half'),
  stage('in a body without a length', 'by its end', { says: 'HTTP/1.1 200 OK\r\n\r\nhalf', shows: 'half' }),
  whole('behind an answer with a length', `${byLength}complete`, 'complete'),
  whole('behind an answer by chunks', `${byChunks}8\r\ncomplete\r\n0\r\n\r\n`, 'complete'),
  whole('behind an answer without a body', 'HTTP/1.1 204 No Content\r\n\r\n'),
  whole('behind the answer to an interim one', `${hint}${byLength}complete`, 'complete'),
];

/** Where a fault is one: silence behind an answer is as it should be. */
export function stagesOf(fault: Fault): Stage[] {
  return stages.filter(({ outcome }) => fault !== 'goes silent' || outcome !== 'whole');
}

export interface FailingTool extends Upstream {
  /** Its first connection, once it has read and said what it is to before it fails; every other one is sound. */
  readonly failing: Promise<Socket>;
}

/** A tool that fails by hand: nobody knows when its client has got what it said but the test. */
export async function failingTool({ reads, says }: Stage): Promise<FailingTool> {
  let first = true;
  let ready: (socket: Socket) => void;
  const failing = new Promise<Socket>((resolve) => (ready = resolve));
  const upstream = await rawUpstream((socket) => {
    socket.once('end', () => socket.destroy());
    if (!first) {
      void answerPaths(socket);
      return;
    }
    first = false;
    const speak = () => {
      if (says === '') ready(socket);
      else socket.write(says, () => ready(socket));
    };
    if (reads === null) speak();
    else void readUntil(socket.resume(), reads).then(speak);
  }, true);
  return { ...upstream, failing };
}

async function answerPaths(socket: Socket): Promise<void> {
  socket.resume();
  for (;;) {
    const head = await readUntil(socket).catch(() => null);
    if (head === null) return;
    echoPath(socket, { path: head.split(' ')[1]! });
  }
}

/** Has a tool fail, and resolves with what its client gets once that has ended. */
export async function failAt(
  { request, rest, shows, outcome }: Stage,
  fault: Fault,
  client: RawClient,
  tool: FailingTool,
): Promise<Answer> {
  client.write(request);
  const socket = await tool.failing;
  if (fault !== 'closes at once') {
    if (outcome !== 'refused') await client.until('\r\n\r\n');
    await client.until(shows);
  }
  faults[fault](socket);
  if (rest !== '' && fault !== 'goes silent') client.write(rest);
  await answered(client);
  return readAnswer(client.text);
}

/** Resolves once a whole answer is there, or none will be. */
export function answered(client: RawClient): Promise<void> {
  return client.once(() => hasAnswer(client.text));
}

function hasAnswer(text: string): boolean {
  return /^HTTP\/1\.1 (?!1)[^]*?\r\n\r\n/m.test(text) && readAnswer(text).complete !== false;
}
