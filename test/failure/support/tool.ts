import type { Socket } from 'node:net';
import { rawUpstream, type Upstream } from '../../support/upstreams';

/** A request as its bytes came in. A chunked one is the last that is told apart on its connection. */
export interface ToolRequest {
  readonly head: string;
  /** What came right behind it. */
  readonly rest: string;
  /** The request target. */
  readonly path: string;
  /** How many requests came before it, on whichever connection. */
  readonly index: number;
}

export interface Tool extends Upstream {
  readonly requests: readonly (ToolRequest & { readonly socket: Socket })[];
  /** Resolves with a request by its index, as soon as its head is there. */
  request(index: number): Promise<ToolRequest & { readonly socket: Socket }>;
  /** How many connections there were in all. */
  readonly connections: number;
}

export type Script = (socket: Socket, request: ToolRequest) => void;

/** A tool that answers in bytes: `script` gets every request, told apart by their heads. */
export async function startTool(script: Script): Promise<Tool> {
  const requests: (ToolRequest & { readonly socket: Socket })[] = [];
  const waiting = new Set<() => void>();
  let connections = 0;
  const upstream = await rawUpstream((socket) => {
    connections++;
    let text = '';
    let body = 0;
    socket.on('data', (bytes: Buffer) => {
      const skipped = Math.min(body, bytes.length);
      body -= skipped;
      if (body > 0) return;
      text += bytes.toString('latin1', skipped);
      const found = /([A-Z]+) (\S+) HTTP\/1\.1\r\n[^]*?\r\n\r\n/.exec(text);
      if (!found) return;
      const rest = text.slice(found.index + found[0].length);
      body = bodyLength(found[0]);
      const after = rest.slice(body);
      body -= rest.length - after.length;
      const request = { head: found[0], rest, path: found[2]!, index: requests.length, socket };
      text = after;
      requests.push(request);
      for (const wake of waiting) wake();
      script(socket, request);
    });
    socket.once('end', () => socket.destroy());
  });
  return {
    ...upstream,
    requests,
    get connections() {
      return connections;
    },
    request: (index) =>
      new Promise((resolve) => {
        const look = () => {
          const request = requests[index];
          if (!request) return;
          waiting.delete(look);
          resolve(request);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Bytes of the body behind a head; a chunked one is never done with. */
function bodyLength(head: string): number {
  if (/^transfer-encoding:/im.test(head)) return Infinity;
  return Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
}

/** A sound answer whose body is the request's own path. */
export function echoPath(socket: Socket, { path }: Pick<ToolRequest, 'path'>): void {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
}

/** Answers the first request with these bytes, and whatever comes after it as a sound tool would. */
export function brokenOnce(bytes: string, then?: (socket: Socket) => void): Script {
  return (socket, request) => {
    if (request.index > 0) {
      echoPath(socket, request);
      return;
    }
    socket.write(Buffer.from(bytes, 'latin1'), () => then?.(socket));
  };
}
