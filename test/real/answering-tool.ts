import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

/** A tool that answers as the path asked for says, opens websockets but for `/refused`, and records both. */
export async function startAnsweringTool(): Promise<RecordingUpstream> {
  const tool = await recordingUpstream(answer);
  tool.server.on('upgrade', (req, socket: Socket, body: Buffer) => {
    const { method = '', url = '', rawHeaders, headers, rawTrailers } = req;
    tool.requests.push({ method, url, rawHeaders, headers, rawTrailers, body });
    upgrade(req, socket);
  });
  return tool;
}

const answer: RequestListener = (req, res) => {
  const url = new URL(req.url ?? '/', 'http://tool.invalid');
  const { pathname, searchParams } = url;
  const status = Number(searchParams.get('status') ?? '200');
  if (pathname.endsWith('/redirect')) {
    const port = String(req.socket.localPort);
    const to = (searchParams.get('to') ?? '').replaceAll('{tool}', port);
    res.writeHead(status === 200 ? 302 : status, { Location: to }).end('moved');
    return;
  }
  if (pathname.endsWith('/cookies')) {
    res.setHeader('Set-Cookie', ['JSESSIONID=1; Path=/; HttpOnly; SameSite=Strict', 'theme=dark']);
  }
  if (pathname.endsWith('/tagged')) {
    res.setHeader('ETag', '"v1"').setHeader('Last-Modified', 'Wed, 01 May 2024 10:00:00 GMT');
    if (req.headers['if-none-match'] === '"v1"' || req.headers['if-modified-since'] !== undefined) {
      res.writeHead(304).end();
      return;
    }
  }
  if (pathname.endsWith('/range') && req.headers.range === 'bytes=2-5') {
    res.writeHead(206, { 'Content-Range': 'bytes 2-5/10', 'Content-Type': 'text/plain' }).end('2345');
    return;
  }
  if (pathname.endsWith('/chunked')) {
    res.write('one,');
    res.end('two');
    return;
  }
  const body = `${req.method ?? ''} ${req.url ?? ''}`;
  res.writeHead(status, { 'Content-Type': 'text/plain', 'X-Tool': ['a', 'b'] });
  if (status === 204) res.end();
  else res.end(body);
};

function upgrade({ url = '', headers }: IncomingMessage, socket: Socket): void {
  if (headers.upgrade !== 'websocket') {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  if (url.includes('refused')) {
    socket.end(
      'HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: close\r\n\r\nnot you',
    );
    return;
  }
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
  socket.write(['HTTP/1.1 101 Switching Protocols', ...fields, 'Sec-WebSocket-Protocol: two', '', ''].join('\r\n'));
  // Says back what it hears, then hangs up.
  socket.once('data', (bytes: Buffer) => socket.end(bytes));
}
