import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { HealthConfig, MountConfig, Target } from '../../../src/config/config';

export type CheckedMount = MountConfig & { readonly health: HealthConfig };

export const health: HealthConfig = {
  path: '/healthy',
  interval: 20,
  timeout: 2_000,
  healthyAfter: 1,
  unhealthyAfter: 1,
  whenUnhealthy: 'pass',
};

/** A mount whose tool listens on `port` of this machine. */
export function mountAt(
  port: number,
  more: Partial<Omit<MountConfig, 'health' | 'target'>> & {
    health?: Partial<HealthConfig>;
    target?: Partial<MountConfig['target']>;
  } = {},
): CheckedMount {
  const target: Target = {
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    authority: `127.0.0.1:${port}`,
    path: '',
    ...more.target,
  };
  return {
    name: 'Tool',
    path: '/tool',
    prefix: 'strip',
    trailingSlash: 'redirect',
    host: 'client',
    storage: 'shared',
    names: [],
    forwardedPrefix: true,
    trustedIdentity: false,
    tls: { ca: null, cert: null, key: null, verify: true },
    timeouts: { connect: 1_000, response: 1_000, idle: 0 },
    required: false,
    kind: 'other',
    description: '',
    limits: { body: 0, connections: 100, queue: 100, queueTimeout: 1_000 },
    allow: null,
    deny: [],
    methods: null,
    origins: [],
    rateLimit: null,
    icon: '',
    targets: [target],
    balance: 'active-standby',
    sticky: false,
    circuit: { failures: 3, retry: 20 },
    ...more,
    health: { ...health, ...more.health },
    target,
  };
}

const open = new Set<net.Server>();
const sockets = new Set<net.Socket>();

/** Listens on a free port until `closeTools`; resolves with the port. */
export async function listen(server: net.Server, port = 0): Promise<number> {
  open.add(server);
  server.on('connection', (socket: net.Socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export const tool = (handler: http.RequestListener): Promise<number> => listen(http.createServer(handler));

/** A tool that answers every request, or each path, with a status. */
export const answering = (status: number | ((path: string) => number)): Promise<number> =>
  tool((request, response) => {
    response.writeHead(typeof status === 'number' ? status : status(request.url ?? '')).end('body');
  });

/** A tool that does as `onConnection` says with each bare socket. */
export const raw = (onConnection: (socket: net.Socket) => void): Promise<number> =>
  listen(net.createServer(onConnection));

export async function close(server: net.Server): Promise<void> {
  open.delete(server);
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
}

export async function closeTools(): Promise<void> {
  await Promise.all([...open].map(close));
}

/** Something that happens once, to wait for. */
export function event(): { readonly happened: Promise<void>; readonly happens: () => void } {
  let happens: () => void = () => undefined;
  const happened = new Promise<void>((resolve) => (happens = resolve));
  return { happened, happens: () => happens() };
}
