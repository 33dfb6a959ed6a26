import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';

export interface EchoingTool {
  readonly url: string;
  /** Connections that are open. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A tool that answers with its name and what it was asked for, and echoes on websockets. */
export async function startEchoingTool(name: string): Promise<EchoingTool> {
  const sockets = new Set<Socket>();
  const server = createServer((req, res) => res.end(`${name} ${req.url ?? ''}`));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  const echo = new WebSocketServer({ server, perMessageDeflate: false });
  echo.on('connection', (client) => {
    client.on('error', () => undefined);
    client.on('message', (data, binary) => client.send(data, { binary }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
