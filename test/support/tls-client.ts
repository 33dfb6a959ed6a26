import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';

/** A client's connection after its handshake. */
export interface TlsClient {
  readonly socket: TLSSocket;
  /** The session to resume; with TLS 1.3 it comes after the handshake. */
  readonly session: Promise<Buffer>;
  /** The first name in the server's certificate; the subject's where it has none. */
  readonly served: string;
  /** Sends a request and resolves with all that comes until the server closes. */
  readonly ask: (target: string, more?: string) => Promise<string>;
}

/** Versions of TLS that are spoken. */
export const versions = ['TLSv1.2', 'TLSv1.3'] as const;
export type Version = (typeof versions)[number];

export const only = (version: Version): ConnectionOptions => ({ minVersion: version, maxVersion: version });

/** Makes a TLS connection to 127.0.0.1, and trusts whoever is there. */
export async function connectTls(port: number, options: ConnectionOptions = {}): Promise<TlsClient> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ...options });
  const session = new Promise<Buffer>((resolve) => socket.once('session', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  // A resumed session may bring none.
  const { subject, subjectaltname = '' } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  return {
    socket,
    session,
    served: /^DNS:([^,]+)/.exec(subjectaltname)?.[1] ?? String(subject?.CN ?? ''),
    ask: async (target, more = '') => {
      const closed = new Promise<string>((resolve) => {
        let text = '';
        socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
        socket.once('close', () => resolve(text));
      });
      socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n${more}Connection: close\r\n\r\n`);
      return closed;
    },
  };
}
