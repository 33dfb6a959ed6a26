import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { echoOf, isEarly, type Arrived, type Reader } from './reader';

/** A tool on Node's HTTP server. @param lenient whether its parser puts up with what is malformed */
export async function startNodeReader(lenient: boolean): Promise<Reader> {
  const arrived: Arrived[] = [];
  const connections = new Map<Socket, { readonly number: number; target: string }>();
  const server = createServer(
    { insecureHTTPParser: lenient, maxHeaderSize: 1024 * 1024, requireHostHeader: false, keepAliveTimeout: 60_000 },
    (req, res) => {
      const connection = connections.get(req.socket);
      if (connection) connection.target = req.url ?? '';
      receive(req, res, (what) => arrived.push({ connection: connection?.number ?? -1, ...what }));
    },
  );
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    connections.set(socket, { number: connections.size, target: '' });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { number = -1, target = '' } = connections.get(socket) ?? {};
    // A request that breaks off is told of where it began.
    if (error.code !== 'HPE_INVALID_EOF_STATE' && error.code !== 'ECONNRESET')
      arrived.push({ ...nothing, connection: number, kind: 'nonsense', target, wrong: [error.message] });
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    tools: ['all', 'direct'],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Told = Omit<Arrived, 'connection'>;

const nothing: Told = { kind: 'request', method: '', target: '', host: '', marker: '', body: '', names: [], wrong: [] };

function receive(req: IncomingMessage, res: ServerResponse, tell: (what: Told) => void): void {
  const { method = '', url: target = '', headers } = req;
  const marker = String(headers['x-marker'] ?? '');
  const told = { ...nothing, method, target, marker, host: headers.host ?? '' };
  const names = (raw: readonly string[]) => raw.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  let body = '';
  const answer = () => {
    if (res.headersSent) return;
    const echo = echoOf({ ...told, body });
    res.writeHead(200, { 'X-Echo': echo, 'Content-Length': echo.length }).end(echo);
  };
  req.on('error', () => undefined);
  req.setEncoding('latin1');
  req.on('data', (text: string) => (body += text));
  req.once('end', () => {
    tell({ ...told, body, names: [...names(req.rawHeaders), ...names(req.rawTrailers)] });
    answer();
  });
  req.once('close', () => {
    if (!req.complete) tell({ ...told, kind: 'part', names: names(req.rawHeaders) });
  });
  if (isEarly(target)) answer();
}
