import { keepFromRelay } from '../../support/keep-from-relay';
import { RawClient } from '../../support/raw-client';
import { startGateway, type RawConfig, type RawMount, type TestGateway } from '../../support/gateway';
import { entrance, mountFor, type Entrance } from '../../support/ways/entrance';
import { readAnswer, type Answer } from './answer';
import { startTool, type Script, type Tool } from './tool';

/** What differs from a gateway with one mount, `/tool`. */
export interface SceneOptions extends Partial<Omit<RawConfig, 'mounts'>> {
  readonly mount?: Partial<RawMount>;
}

export interface Scene {
  readonly gateway: TestGateway;
  client(tls?: boolean): Promise<RawClient>;
  /** Sends a request that ends its connection, and reads all that comes back. */
  ask(target?: string, options?: AskOptions): Promise<Answer>;
}

export interface AskOptions {
  readonly method?: string;
  readonly fields?: readonly string[];
  readonly body?: string;
  readonly tls?: boolean;
}

/** The host that clients ask for: nothing of the network behind the gateway. */
export const publicHost = 'tools.example';

/** A request's bytes. */
export function requestText(target: string, { method = 'GET', fields = [], body = '' }: AskOptions = {}): string {
  return [`${method} ${target} HTTP/1.1`, `Host: ${publicHost}`, ...fields, '', body].join('\r\n');
}

export interface Scenes {
  /** A gateway in front of a target. */
  before(target: string, options?: SceneOptions): Promise<Scene>;
  /** A gateway in front of a tool that answers in bytes. */
  with(script: Script, options?: SceneOptions): Promise<Scene & { readonly tool: Tool }>;
  /** Cleans up after the test; what was registered last goes first. */
  readonly after: (cleanUp: () => unknown) => void;
}

/**
 * Scenes for the tests of a file. After each test, whatever it did: the gateway stops at once with no connection left
 * over, it has not failed itself, and its access log has one line a request. An error that nobody caught fails the
 * test as well: jest sees to that.
 *
 * @param by how requests come in; unless given, as in the jest project
 */
export function useScenes(by: Entrance = entrance): Scenes {
  const cleanUps: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const after = (cleanUp: () => unknown) => void cleanUps.push(cleanUp);

  async function before(target: string, { mount, ...config }: SceneOptions = {}): Promise<Scene> {
    const gateway = await startGateway({
      listen: { http: { mode: 'serve' } },
      mounts: [{ name: 'Tool', path: '/tool', target, ...mountFor(by), ...mount }],
      ...config,
    });
    after(async () => {
      await gateway.stop();
      expectQuietEnd(gateway);
      // Some tests of limits have mounts of their own, which the relay may serve.
      if (by === 'app') expect(accessLines(gateway.lines).filter(({ way }) => way !== 'app')).toEqual([]);
    });
    const client = async (tls = true) => {
      const connected = await RawClient.connect(tls ? gateway.httpsPort : gateway.httpPort, tls);
      after(() => connected.destroy());
      if (by === 'app') keepFromRelay(connected);
      return connected;
    };
    return {
      gateway,
      client,
      ask: async (asked = '/tool/', { fields = [], tls, ...rest } = {}) => {
        const text = requestText(asked, { ...rest, fields: [...fields, 'Connection: close'] });
        return readAnswer(await (await client(tls)).write(text).end());
      },
    };
  }

  return {
    before,
    after,
    with: async (script, options) => {
      const tool = await startTool(script);
      after(() => tool.close());
      return { tool, ...(await before(tool.url, options)) };
    },
  };
}

function expectQuietEnd({ lines }: TestGateway): void {
  expect(
    lines.filter(({ level, code, msg }) => level === 'error' || code === 'INTERNAL' || /Cut off/.test(String(msg))),
  ).toEqual([]);
  const ids = accessLines(lines).map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
}

/** The access log of a gateway, a line a request that has ended. */
export function accessLines(lines: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return lines.filter(({ way }) => way !== undefined);
}

/** Resolves with the access line of an answered request. */
export function lineOf({ gateway }: Scene, answer: Answer): Promise<Record<string, unknown>> {
  const id = answer.headers['x-request-id'];
  return gateway.line((line) => line['way'] !== undefined && line['id'] === id);
}

/** Resolves with the first access line with this status. */
export function lineWith({ gateway }: Scene, status: number): Promise<Record<string, unknown>> {
  return gateway.line((line) => line['way'] !== undefined && line['status'] === status);
}

/**
 * Expects the gateway's own answer to a failure: the status and code, in the answer and in the access log, one id
 * for all of it, and no word of where the tool is.
 */
export async function expectFailure(scene: Scene, answer: Answer, status: number, code: string): Promise<void> {
  const line = await lineOf(scene, answer);
  const problem = JSON.parse(answer.body) as Record<string, unknown>;
  expect([answer.status, problem['status'], line['status']]).toEqual([status, status, status]);
  expect([problem['code'], line['code']]).toEqual([code, code]);
  expect(problem['requestId']).toBe(answer.headers['x-request-id']);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.complete).toBe(true);
  expectNoAddress(answer.raw);
}

/** Expects nothing that tells of the network behind the gateway: no address, no host name of a target, no port. */
export function expectNoAddress(text: string): void {
  expect(
    /127\.0\.0\.1|localhost:|::1|\.invalid|:\d{4,5}\b|ECONN|EPROTO|HPE_|node_modules/.exec(text)?.[0],
  ).toBeUndefined();
}

/** Resolves once the condition holds; jest's own limit ends a wait for nothing. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
