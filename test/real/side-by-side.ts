import { startGateway, testConfig, type TestGateway } from '../support/gateway';
import { pathRecipe, standardRecipe, startNginx } from '../support/nginx';
import { RawClient } from '../support/raw-client';
import type { Recorded } from '../support/upstreams';
import { startAnsweringTool } from './answering-tool';
import { readAnswer, type Answer } from './read-answer';

/** kPow's two documented configurations, and the second one behind TLS. */
export type Setup = 'standard' | 'path' | 'path over TLS';

/** What one of the two made of a request: what the tool got (null: nothing), and what came back. */
export interface Outcome {
  readonly tool: Recorded | null;
  readonly answer: Answer;
}

export interface Outcomes {
  readonly nginx: Outcome;
  readonly gateway: Outcome;
}

export interface SideBySide {
  /**
   * Sends the same bytes to nginx and to the gateway. In the request `{prefix}` is the tool's public path without a
   * trailing slash, and `{public}` and `{tool}` are the ports of the one asked and of the tool; in answers the ports
   * are named the same way again. `Connection: close` is added unless the request says something of Connection.
   */
  ask(setup: Setup, request: string): Promise<Outcomes>;
  /** Sends it to a gateway with `trustedProxies: loopback`, otherwise as that of `path`. */
  askTrusted(request: string): Promise<Outcome>;
  /** Opens a websocket by hand and sends `bytes` through it once it is open. */
  upgrade(setup: Setup, request: string, bytes: string): Promise<Outcomes>;
  stop(): Promise<void>;
}

/** Milliseconds of silence after which an exchange is given up. */
const patience = 5_000;

export async function startSideBySide(): Promise<SideBySide> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const each of started.splice(0).reverse()) await each.stop();
  };
  try {
    return { ...(await start(started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param started takes what has to be stopped, as it is started */
async function start(started: { stop(): Promise<void> }[]): Promise<Omit<SideBySide, 'stop'>> {
  const kept = <T extends { stop(): Promise<void> }>(each: T): T => {
    started.push(each);
    return each;
  };
  const tool = await startAnsweringTool();
  kept({ stop: () => tool.close() });

  const plain = { listen: { https: 'off', http: { mode: 'serve' } } };
  const kpow = { name: 'kPow', path: '/kpow', target: `http://localhost:${tool.port}` };
  const gateways = {
    standard: kept(await startGateway({ ...plain, mounts: [{ ...kpow, path: '/' }] })),
    path: kept(await startGateway({ ...plain, mounts: [kpow] })),
    'path over TLS': kept(await startGateway({ listen: { http: 'off' }, mounts: [kpow] })),
  } satisfies Record<Setup, TestGateway>;
  const trusting = kept(await startGateway({ ...plain, trustedProxies: ['loopback'], mounts: [kpow] }));

  // The gateway's certificate, which it has made by now.
  const { https } = testConfig({ mounts: [kpow] }).listen;
  if (https === null) throw new Error('the test configuration has no certificate');
  const at = `localhost:${tool.port}`;
  const nginx = kept(
    await startNginx([
      { locations: standardRecipe(at) },
      { locations: pathRecipe(at) },
      { locations: pathRecipe(at), tls: https },
    ]),
  );
  const setups: readonly Setup[] = ['standard', 'path', 'path over TLS'];
  const nginxPort = (setup: Setup) => nginx.ports[setups.indexOf(setup)] ?? 0;
  const portOf = ({ httpPort, httpsPort }: TestGateway) => httpPort || httpsPort;

  async function exchange(port: number, setup: Setup, request: string, bytes?: string): Promise<Outcome> {
    tool.requests.length = 0;
    const prefix = setup === 'standard' ? '' : '/kpow';
    const [head = '', ...body] = request.split('\r\n\r\n');
    const closing = /^connection:/im.test(head) ? '' : '\r\nConnection: close';
    const named = (head + closing).replaceAll('{prefix}', prefix).replaceAll('{public}', String(port));
    const client = await RawClient.connect(port, setup === 'path over TLS');
    client.socket.setTimeout(patience, () => client.destroy());
    client.write(`${named}\r\n\r\n${body.join('\r\n\r\n')}`);
    if (bytes !== undefined) {
      await client.until('\r\n\r\n');
      client.write(bytes);
    }
    const nameless = (text: string) =>
      text
        .replaceAll(`:${port}`, ':{public}')
        .replaceAll(`:${tool.port}`, ':{tool}')
        .replaceAll(`%3A${port}`, '%3A{public}');
    const text = nameless(await client.end());
    const got = tool.requests[0];
    return {
      tool: got ? { ...got, url: nameless(got.url), rawHeaders: got.rawHeaders.map(nameless) } : null,
      answer: readAnswer(text),
    };
  }
  const both = async (setup: Setup, request: string, bytes?: string): Promise<Outcomes> => ({
    nginx: await exchange(nginxPort(setup), setup, request, bytes),
    gateway: await exchange(portOf(gateways[setup]), setup, request, bytes),
  });

  return {
    ask: (setup, request) => both(setup, request),
    askTrusted: (request) => exchange(trusting.httpPort, 'path', request),
    upgrade: (setup, request, bytes) => both(setup, request, bytes),
  };
}
