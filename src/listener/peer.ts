import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { clientSocketOf } from './inner-socket';
import type { ClientCertificate } from '../headers/client-certificate';
import type { Peer } from '../headers/forwarded';
import { normaliseAddress } from '../headers/trust';

const certificates = new WeakMap<Socket, ClientCertificate>();

/** Keeps what a handshake has found, for as long as its connection is there. */
export function rememberCertificate(socket: TLSSocket, certificate: ClientCertificate): void {
  certificates.set(socket, certificate);
}

/** @param carrier of a request: a client's socket, after TLS, or an inner one */
export function peerOf(carrier: Socket): Peer {
  const socket = clientSocketOf(carrier);
  const secure = (socket as Partial<TLSSocket>).encrypted === true;
  return {
    address: normaliseAddress(socket.remoteAddress ?? ''),
    secure,
    certificate: (secure && certificates.get(socket)) || null,
  };
}
