import type { Socket } from 'node:net';
import { createServer, type SecureContext, type TLSSocket } from 'node:tls';
import { offeredProtocols } from './client-hello';

/** RFC 8737 §6.2. */
const acmeTls = 'acme-tls/1';

/** Whether a connection is an authority's that checks a tls-alpn-01 challenge: it offers this protocol alone (§3). */
export function isAcmeTls(record: Buffer): boolean {
  // Most connections are told apart by this alone.
  if (!record.includes(acmeTls)) return false;
  const protocols = offeredProtocols(record);
  return protocols.length === 1 && protocols[0] === acmeTls;
}

/**
 * Answers such connections: a handshake with the challenge's certificate, and then the end (RFC 8737 §3). It has a TLS
 * server of its own, since Node's asks for a certificate by name alone, and a browser that comes meanwhile must get the
 * ordinary one.
 */
export function acmeTlsAnswerer(
  contextFor: (servername: string) => Promise<SecureContext | null>,
  handshakeTimeout: number,
): (socket: Socket) => void {
  const server = createServer({
    ALPNProtocols: [acmeTls],
    minVersion: 'TLSv1.2',
    handshakeTimeout,
    SNICallback: (servername, done) => {
      contextFor(servername).then(
        (context) => (context ? done(null, context) : done(new Error('no challenge is pending for this name'))),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => undefined);
    socket.end(() => socket.destroy());
  });
  server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy());
  return (socket) => void server.emit('connection', socket);
}
