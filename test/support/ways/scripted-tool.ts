import type { Socket } from 'node:net';
import { rawUpstream, type Upstream } from '../upstreams';
import { turns } from './turns';

/** How a tool answers one request, byte for byte. */
export interface Script {
  /** latin1; each is written when the one before it has arrived. */
  readonly pieces: readonly string[];
  /** What the tool does with its connection behind them. */
  readonly then: 'keep' | 'end' | 'reset';
  /** Bytes of a websocket that the tool waits for before it sends `farewell` and ends. */
  readonly websocket?: { readonly bytes: number; readonly farewell: string };
}

/** A request as the tool got it. */
export interface Seen {
  /** latin1, with the empty line. */
  readonly head: string;
  /** latin1, as it was framed. */
  readonly body: string;
  /** What came through its websocket. */
  tunnel: string;
}

export interface ScriptedTool extends Upstream {
  /** What it has got since the last `load`. */
  readonly seen: readonly Seen[];
  /** Answers the requests to come by these: each has the index of its own as a field, `Script`. Others get `sound`. */
  load(scripts: readonly Script[]): void;
}

const sound: Script = { pieces: ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsound'], then: 'keep' };

/** A tool that reads whole requests and answers in bytes. */
export async function startScriptedTool(): Promise<ScriptedTool> {
  let scripts: readonly Script[] = [];
  let seen: Seen[] = [];

  async function play(socket: Socket, request: Seen, { pieces, then, websocket }: Script): Promise<void> {
    for (const piece of pieces) {
      if (socket.destroyed) return;
      socket.write(piece, 'latin1');
      await turns();
    }
    if (websocket) {
      while (request.tunnel.length < websocket.bytes && !socket.destroyed) await turns();
      socket.write(websocket.farewell, 'latin1');
    }
    if (then === 'reset') socket.resetAndDestroy();
    else if (then === 'end' || websocket) socket.end();
  }

  const upstream = await rawUpstream((socket) => {
    socket.setNoDelay(true);
    let text = '';
    let open: Seen | null = null;
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (open) {
        open.tunnel += text;
        text = '';
        return;
      }
      const request = readRequest(text);
      if (!request) return;
      text = text.slice(request.head.length + request.body.length);
      const script = scripts[Number(/^script: (\d+)\r$/im.exec(request.head)?.[1] ?? -1)] ?? sound;
      seen.push(request);
      if (script.websocket) {
        open = request;
        open.tunnel = text;
        text = '';
      }
      void play(socket, request, script);
    });
    socket.once('end', () => socket.destroy());
  });
  return {
    ...upstream,
    get seen() {
      return seen;
    },
    load: (next) => {
      scripts = next;
      seen = [];
    },
  };
}

/** @returns null while some of it is missing */
function readRequest(text: string): Seen | null {
  const end = text.indexOf('\r\n\r\n') + 4;
  if (end === 3) return null;
  const head = text.slice(0, end);
  const rest = text.slice(end);
  const length = /^transfer-encoding:/im.test(head)
    ? (/^[^]*?(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(rest)?.[0].length ?? Infinity)
    : Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return rest.length < length ? null : { head, body: rest.slice(0, length), tunnel: '' };
}
