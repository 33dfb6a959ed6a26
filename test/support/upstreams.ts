import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';

/** A request as a tool got it. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: string[];
  readonly headers: IncomingMessage['headers'];
  readonly rawTrailers: string[];
  readonly body: Buffer;
}

export interface Upstream {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export interface RecordingUpstream extends Upstream {
  readonly requests: Recorded[];
  readonly server: Server;
}

async function listen(server: TcpServer): Promise<Upstream> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A tool that records each request when its body has been read, then answers by `answer` (200 `ok` unless given). */
export async function recordingUpstream(answer?: RequestListener): Promise<RecordingUpstream> {
  const requests: Recorded[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('error', () => undefined);
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url = '', rawHeaders, headers, rawTrailers } = req;
      requests.push({ method, url, rawHeaders, headers, rawTrailers, body: Buffer.concat(chunks) });
      if (answer) answer(req, res);
      else res.end('ok');
    });
  });
  return { ...(await listen(server)), requests, server };
}

/** A tool written by the test, on Node's HTTP server. */
export async function httpUpstream(answer: RequestListener): Promise<Upstream & { readonly server: Server }> {
  const server = createServer(answer);
  return { ...(await listen(server)), server };
}

/** A tool that deals in bytes: `script` gets every connection. @param paused whether it is for the script to resume it */
export async function rawUpstream(script: (socket: Socket) => void, paused = false): Promise<Upstream> {
  return listen(createTcpServer({ allowHalfOpen: true, pauseOnConnect: paused }, script));
}

/** Collects a connection's bytes until they contain the end of a head (or `end`), and returns them. */
export function readUntil(socket: Socket, end = '\r\n\r\n'): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (!text.includes(end)) return;
      socket.off('data', onData);
      resolve(text);
    };
    socket.on('data', onData);
    socket.once('close', () => reject(new Error(`closed before ${JSON.stringify(end)}: ${text}`)));
  });
}
