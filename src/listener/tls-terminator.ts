import type { Socket } from 'node:net';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { readClientCertificate } from './client-certificate';
import { rememberCertificate } from './peer';
import { certificateChooser, dnsNamesOf } from './server-names';
import { contextOptions, type TlsSettings } from './tls-settings';

/**
 * Makes TLS of bare connections, by one set of settings. Other settings make another terminator: Node's server cannot
 * change all of them, and forgets those that it is not given again.
 */
export class TlsTerminator {
  readonly #server: Server;

  /**
   * @param ticketKeys 48 bytes
   * @param handshakeTimeout milliseconds
   * @param secured gets each connection after its handshake
   * @throws for what cannot be served
   */
  constructor(
    settings: TlsSettings,
    ticketKeys: Buffer,
    handshakeTimeout: number,
    secured: (socket: TLSSocket) => void,
  ) {
    const { certificates, clients } = settings;
    const [first, ...others] = certificates;
    this.#server = createServer({
      ...contextOptions(first, clients, ticketKeys),
      ...(others.length > 0 && { SNICallback: chooseByName(settings, ticketKeys) }),
      requestCert: clients !== null,
      // Who has no certificate, or another, is told so in HTTP: an alert would say nothing to people.
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout,
    });
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      if (clients) rememberCertificate(socket, readClientCertificate(socket, clients.forward));
      secured(socket);
    });
    // A failed handshake ends its own connection: a scanner's, or a browser's that does not trust the certificate.
    this.#server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy());
  }

  /** @param socket with its first bytes unread */
  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }
}

type SniCallback = NonNullable<Parameters<typeof createServer>[0]>['SNICallback'];

function chooseByName({ certificates, clients }: TlsSettings, ticketKeys: Buffer): SniCallback {
  const contexts = certificates.map((pair) => createSecureContext(contextOptions(pair, clients, ticketKeys)));
  const choose = certificateChooser(certificates.map(({ cert }) => dnsNamesOf(new X509Certificate(cert))));
  return (servername, done) => done(null, contexts[choose(servername)]);
}
