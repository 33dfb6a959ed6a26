import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { once } from 'node:events';
import { freePorts } from './free-ports';
import { startGateway, temporaryFolder, type TestGateway } from './gateway';
import { exchangeRaw } from './raw-client';

export interface AcmeScene {
  /** Of the first gateway; the authority comes to them. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly storage: string;
}

export async function acmeScene(): Promise<AcmeScene> {
  const [httpPort = 0, httpsPort = 0] = await freePorts(2);
  return { httpPort, httpsPort, storage: temporaryFolder() };
}

export const domain = 'tools.example.test';

export interface AcmeGatewayOptions {
  readonly directory: string;
  readonly ca?: string;
  /** Other fields of `listen.https.acme`. */
  readonly acme?: Record<string, unknown>;
  readonly http?: Record<string, unknown>;
  /** Whether it has the ports that the authority comes to. */
  readonly reachable?: boolean;
  /** The one mount. */
  readonly mount?: string;
  readonly target?: string;
}

export function acmeConfig(scene: AcmeScene, options: AcmeGatewayOptions) {
  const { directory, ca, acme, http, reachable = true, mount = '/tool', target = 'http://127.0.0.1:1' } = options;
  return {
    mounts: [{ path: mount, target }],
    listen: {
      https: {
        port: reachable ? scene.httpsPort : 0,
        acme: {
          domains: [domain],
          termsOfServiceAgreed: true,
          directory,
          ca,
          storage: scene.storage,
          retry: '1s',
          ...acme,
        },
      },
      http: { port: reachable ? scene.httpPort : 0, ...http },
    },
  };
}

export function startAcmeGateway(scene: AcmeScene, options: AcmeGatewayOptions): Promise<TestGateway> {
  return startGateway(acmeConfig(scene, options));
}

export interface Handshake {
  readonly certificate: PeerCertificate;
  /** Whether the certificate is one for the name, by the authority in `ca`. */
  readonly trusted: boolean;
  readonly alpn: string | false | null;
}

/** A TLS handshake with what it brought; rejects when there was none. */
export async function shakeHands(port: number, options: ConnectionOptions = {}): Promise<Handshake> {
  const socket = connect({ port, host: '127.0.0.1', servername: domain, rejectUnauthorized: false, ...options });
  try {
    await once(socket, 'secureConnect');
    return {
      certificate: socket.getPeerCertificate(),
      trusted: socket.authorized,
      alpn: socket.alpnProtocol,
    };
  } finally {
    socket.destroy();
  }
}

/** When the certificate ends that a gateway serves, as its metrics tell. */
export async function servedExpiry({ httpsPort }: TestGateway): Promise<Date> {
  const answer = await exchangeRaw(httpsPort, 'GET /-/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const [, seconds] = /^kpow_gateway_certificate_expiry_timestamp_seconds\{[^}]*\} (\S+)$/m.exec(answer) ?? [];
  return new Date(Number(seconds) * 1000);
}

/** Whether a log line says that. */
export const says =
  (text: string | RegExp) =>
  ({ msg }: Record<string, unknown>) =>
    typeof msg === 'string' && (typeof text === 'string' ? msg.includes(text) : text.test(msg));
