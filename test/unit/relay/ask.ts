import type { AnswerSink, UpstreamRequest } from '../../../src/relay/upstream-exchange';
import type { UpstreamPool } from '../../../src/relay/upstream-pool';

const request: UpstreamRequest = {
  method: 'GET',
  head: 'GET /page HTTP/1.1\r\nHost: tool\r\n\r\n',
  length: 0,
  websocket: false,
  repeatable: true,
  timeouts: { connect: 0, response: 0, idle: 0 },
  sentAt: 0,
};

/** Sends a request over a pool's connection; resolves with the answer's body when that has arrived. */
export function askOf(pool: UpstreamPool): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const sink: AnswerSink = {
      connected: () => undefined,
      resent: () => undefined,
      interim: () => undefined,
      answered: () => undefined,
      body: (bytes, start, end) => void (text += bytes.toString('latin1', start, end)),
      text: (body) => void (text += body),
      ended: () => resolve(text),
      upgraded: () => undefined,
      failed: (reason) => reject(new Error(String(reason))),
      wantsMore: () => true,
      drained: () => undefined,
    };
    pool.send(request, sink, Buffer.alloc(0));
  });
}
