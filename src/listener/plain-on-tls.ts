import type { Socket } from 'node:net';
import { parseAuthority, withoutEmptyPort } from '../headers/forwarded';
import { HeldBytes } from '../held-bytes';
import { firstRecord, handshakeRecord } from './client-hello';
import { closeLingering } from './lingering-close';

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
    ? ['HTTP/1.1 308 Permanent Redirect', `Location: https://${withoutEmptyPort(host)}${target}`]
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

/** Connections that another answers than the TLS server. */
export interface Diversion {
  /** @param record the body of the connection's first record, a ClientHello */
  readonly wanted: (record: Buffer) => boolean;
  /** Gets the connection as it stands, with what has been read. */
  readonly answer: (socket: Socket) => void;
}

/**
 * Looks at the first byte of a connection to a TLS port, and answers itself what speaks plain HTTP.
 * @param handshake gets the connection as it stands, with what has been read
 * @param diversion asked before it; null leaves all to `handshake`
 */
export function openConnection(socket: Socket, handshake: (socket: Socket) => void, diversion: Diversion | null): void {
  socket.on('error', () => undefined);
  const giveUp = () => socket.destroy();
  socket.setTimeout(patience, giveUp);
  const takeOver = (seen: Buffer, answer: (socket: Socket) => void) => {
    // TLS takes over the connection where it stands, with what has been read.
    socket.pause();
    socket.unshift(seen);
    answer(socket);
  };
  socket.once('data', (first) => {
    socket.setTimeout(0, giveUp);
    if (first[0] !== handshakeRecord) closeLingering(socket, answerToPlainHttp(first.toString('latin1')));
    else if (!diversion) takeOver(first, handshake);
    else {
      const { wanted, answer } = diversion;
      readRecord(socket, first, (seen, record) => takeOver(seen, wanted(record) ? answer : handshake));
    }
  });
}

/** Waits for the rest of a hello that came in several packets, as those with post-quantum keys do. */
function readRecord(socket: Socket, first: Buffer, done: (seen: Buffer, record: Buffer) => void): void {
  const held = new HeldBytes();
  const deadline = setTimeout(() => socket.destroy(), patience);
  socket.once('close', () => clearTimeout(deadline));
  const look = (bytes: Buffer) => {
    const seen = held.with(bytes);
    const record = firstRecord(seen);
    if (record) {
      clearTimeout(deadline);
      done(seen, record);
      return;
    }
    held.keep(seen, 0);
    socket.once('data', look);
  };
  look(first);
}
