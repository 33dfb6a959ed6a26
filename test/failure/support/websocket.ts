import type { RawClient } from '../../support/raw-client';
import { readAnswer, type Answer } from './answer';
import { publicHost, type Scene } from './scene';

/** The fields of a handshake; the key is the example of RFC 6455 §1.3. */
export const handshakeFields: readonly string[] = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A handshake's bytes. */
export function handshakeText(target = '/tool/live', more: readonly string[] = []): string {
  return [`GET ${target} HTTP/1.1`, `Host: ${publicHost}`, ...handshakeFields, ...more, '', ''].join('\r\n');
}

/** A tool's consent, byte for byte. */
export const accepted =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

export interface Handshake {
  readonly client: RawClient;
  /** Resolves when the websocket is accepted. */
  readonly open: () => Promise<void>;
  /** Resolves with the answer that is no 101, once the connection has ended. */
  readonly refused: () => Promise<Answer>;
}

/** Sends a handshake, and whatever is to follow right behind it in the same write. */
export async function openWebsocket(
  scene: Scene,
  { tls = true, target, early = '' }: { tls?: boolean; target?: string; early?: string } = {},
): Promise<Handshake> {
  const client = await scene.client(tls);
  client.write(handshakeText(target) + early);
  return {
    client,
    open: async () => {
      await client.until('\r\n\r\n');
      if (!client.text.startsWith('HTTP/1.1 101 ')) throw new Error(`refused: ${client.text}`);
    },
    refused: async () => readAnswer(await client.end()),
  };
}
