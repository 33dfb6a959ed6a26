import type { OutgoingHttpHeaders } from 'node:http';
import WebSocket from 'ws';

/** How long an echo may take, in milliseconds. */
const patience = 20_000;

/** Messages are as large in turn, in characters: some fill one read, some are still under way when a tool dies. */
const sizes = [10, 1_000, 100_000];

/** refused: it did not open. ended: it was open and its client was told of the end. Anything else says what is wrong. */
export type WebsocketFate = 'refused' | 'ended' | { readonly wrong: string };

/**
 * Opens a websocket and sends a message whenever the last one's echo has come, until somebody ends it.
 * @param over whether it is to be closed now
 */
export function echoUntilEnded(
  address: string,
  name: string,
  headers: OutgoingHttpHeaders,
  over: () => boolean,
): Promise<WebsocketFate> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address, { headers, perMessageDeflate: false });
    let opened = false;
    let wrong: string | null = null;
    let sent = '';
    let count = 0;
    const fail = (what: string) => {
      wrong ??= `${name}: ${what}`;
      socket.terminate();
    };
    const timer = setTimeout(() => fail(opened ? 'neither an echo nor an end' : 'no answer'), patience);
    const send = () => {
      timer.refresh();
      if (over()) {
        socket.close();
        return;
      }
      sent = `${name} ${count} `.padEnd(sizes[count++ % sizes.length] ?? 0, name);
      socket.send(sent, () => undefined);
    };
    socket.on('open', () => {
      opened = true;
      send();
    });
    socket.on('message', (data: Buffer) => {
      if (data.toString() === sent) send();
      else fail(`an echo of ${data.length} bytes is not what was sent: ${data.toString().slice(0, 80)}`);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(wrong === null ? (opened ? 'ended' : 'refused') : { wrong });
    });
  });
}
