import type { Server, Socket } from 'node:net';
import { parseAuthority } from '../headers/forwarded';

/** The first byte of a TLS connection: a record that carries a handshake (RFC 8446 §5.1). */
const handshakeRecord = 0x16;

/** How long a connection may be silent at its start, in milliseconds. */
const patience = 15_000;

/**
 * What someone is told who speaks plain HTTP to a TLS port, as in `http://localhost:8443`: the same address with https,
 * or, where the address cannot be made out, what is wrong (nginx: `error_page 497`).
 * @param head the first bytes that arrived
 * @returns a whole answer
 */
function answerToPlainHttp(head: string): string {
  const [, target = '/'] = /^[A-Z]+ (\/[!-~]*) HTTP\/1\.[01]\r\n/.exec(head) ?? [];
  const [, host = ''] = /\r\nhost:[ \t]*([!-~]+)[ \t]*\r\n/i.exec(head) ?? [];
  const body = 'This port speaks HTTPS: write https:// instead of http://\n';
  const lines = parseAuthority(host)
    ? ['HTTP/1.1 308 Permanent Redirect', `Location: https://${host}${target}`]
    : ['HTTP/1.1 400 Bad Request'];
  lines.push(
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    body,
  );
  return lines.join('\r\n');
}

/** Lets a TLS server look at the first byte of each connection, and answer those that speak plain HTTP. */
export function redirectPlainHttp(server: Server): void {
  const handshakes = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    const giveUp = () => socket.destroy();
    socket.setTimeout(patience, giveUp);
    socket.once('data', (first) => {
      socket.setTimeout(0, giveUp);
      if (first[0] !== handshakeRecord) {
        socket.end(answerToPlainHttp(first.toString('latin1')), giveUp);
        return;
      }
      // TLS takes over the connection where it stands, with what has been read.
      socket.pause();
      socket.unshift(first);
      for (const handshake of handshakes) handshake.call(server, socket);
    });
  });
}
