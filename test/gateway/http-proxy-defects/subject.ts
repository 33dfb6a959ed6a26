import { original, startBareProxy, successor, type Death, type Library, type Wiring } from '../../support/bare-proxy';
import { startGateway } from '../../support/gateway';
import { RawClient } from '../../support/raw-client';
import type { Upstream } from '../../support/upstreams';

export { libraries, original, successor, type Library } from '../../support/bare-proxy';

/** Who carries an exchange: a library alone, over plain HTTP, or the whole gateway, over TLS. */
export type Who = Library | 'the gateway';
export const gateway = 'the gateway' satisfies Who;
export const everyone = [original, successor, gateway] as const;

export interface Subject {
  readonly connect: () => Promise<RawClient>;
  /** Resolves with the answer to a request, when the connection has been closed. */
  readonly ask: (request: string) => Promise<string>;
  /** Resolves when the library's process has ended of itself; of the gateway it never does. */
  readonly died: Promise<Death>;
}

/** Carries an exchange with a tool, and closes all of it. The gateway mounts the tool at `wiring.mount`, else at `/`. */
export async function through<T>(
  who: Who,
  tool: Upstream,
  exchange: (subject: Subject) => Promise<T>,
  wiring: Wiring = {},
): Promise<T> {
  const clients: RawClient[] = [];
  const { port, died, stop } = await start(who, tool, wiring);
  const connect = async () => {
    const client = await RawClient.connect(port, who === gateway);
    clients.push(client);
    return client;
  };
  try {
    return await exchange({ connect, ask: async (request) => (await connect()).write(request).end(), died });
  } finally {
    for (const client of clients) client.destroy();
    await stop();
    await tool.close();
  }
}

async function start(who: Who, tool: Upstream, wiring: Wiring) {
  if (who !== gateway) return startBareProxy(who, tool.url, wiring);
  const running = await startGateway({
    mounts: [{ name: 'Tool', path: wiring.mount ?? '/', target: tool.url, prefix: 'keep' }],
  });
  return { port: running.httpsPort, stop: () => running.stop(), died: new Promise<Death>(() => undefined) };
}

/** A websocket handshake (the key is RFC 6455's example). */
export const handshake = [
  'GET /ws HTTP/1.1',
  'Host: tools.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');

export const status = (answer: string): number => Number(answer.slice(9, 12));

/** Names of a raw header list, in lower case. */
export const names = (raw: readonly string[]): string[] =>
  raw.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
