import fc from 'fast-check';
import type { Way } from '../../src/observe/request-outcome';
import { startGateway, type TestGateway } from '../support/gateway';
import { mountFor, type Entrance } from '../support/ways/entrance';
import { acceptance, answerTo, brokenAnswer } from '../support/ways/answers';
import { bodyFor, bytes, earlyBytes, requestParts, upgradeFields } from '../support/ways/requests';
import { startScriptedTool, type Script, type ScriptedTool } from '../support/ways/scripted-tool';
import { send, type Case, type CaseExchange, type Outcome } from '../support/ways/send';

/** Of two gateways, the second trusts what its clients say of themselves. */
const gateways: TestGateway[] = [];
/** The same, whose requests come to the app by a detour. */
const detouring: TestGateway[] = [];
let tool: ScriptedTool;

beforeAll(async () => {
  tool = await startScriptedTool();
  for (const trustedProxies of [[], ['loopback']]) {
    const mounts = [
      { path: '/strip', target: tool.url, names: 'a1b2c3d4:20116' },
      { path: '/keep', target: tool.url, prefix: 'keep' },
      { path: '/base', target: `${tool.url}/base/path` },
      { path: '/both', target: `${tool.url}/base`, prefix: 'keep' },
      { path: '/host', target: tool.url, host: 'target' },
      { path: '/plain', target: tool.url, forwardedPrefix: false, trailingSlash: 'pass' },
      { path: '/slash', target: tool.url, prefix: 'keep', trailingSlash: 'redirect' },
    ];
    const start = (by: Entrance) =>
      startGateway({
        listen: { http: { mode: 'serve' } },
        trustedProxies,
        mounts: mounts.map((mount) => ({ ...mount, ...mountFor(by) })),
      });
    gateways.push(await start('relay'));
    detouring.push(await start('detour'));
  }
});
afterAll(async () => {
  for (const gateway of [...gateways, ...detouring]) await gateway.stop();
  await tool.close();
});

/** Answers that the relay alone refuses; a stricter reader is the safer one. */
const stricter: readonly { readonly answer: RegExp; readonly because: string }[] = [
  {
    answer: /^(?:content-length|transfer-encoding|(?:proxy-)?connection):[^\r\n]*\t/im,
    because: 'a tab around what frames a body or ends a connection is no blank to every reader',
  },
];

const headOf = ({ pieces }: Script) => pieces.join('').replace(/(?<=\r\n\r\n)(?!HTTP\/)[^]*/, '');

function isStricter({ exchanges }: Case, { lines }: Outcome): boolean {
  const named = exchanges.some(({ script }) => stricter.some(({ answer }) => answer.test(headOf(script))));
  return named && lines.some((line) => line['code'] === 'UPSTREAM_BAD_ANSWER');
}

/**
 * Of requests that arrive together, the app's own answers depend on how far Node's parser was when their turn came:
 * whether a body that is not wanted has been read, and which of them asked for HTML before one that is malformed.
 */
function dependsOnArrival({ pipelined, exchanges }: Case, { lines }: Outcome): boolean {
  const own = lines.some((line) => line['upstreamMs'] === null || line['mount'] === undefined);
  return pipelined && own && exchanges.length > 1;
}

/**
 * Of an answer that breaks behind its head, each way passes on what it had dealt with when it saw that. The relay tells
 * malformed chunks from a closed connection, where Node tells no more than that there is no end.
 */
function lessBrokenOff({ answers, lines, ...outcome }: Outcome) {
  const breaks = (line: Record<string, unknown>) =>
    ['UPSTREAM_BAD_ANSWER', 'UPSTREAM_CLOSED'].includes(String(line['code']));
  const inBody = lines.some((line) => breaks(line) && Number(line['status']) < 400);
  return {
    ...outcome,
    answers: inBody ? answers.filter(({ complete }) => complete) : answers,
    lines: lines.flatMap((line) => {
      if (!inBody || !breaks(line)) return line;
      return line['status'] === undefined ? [] : { ...line, bytes: 0, code: '', msg: '' };
    }),
  };
}

/** @param which of the two gateways */
async function expectAgreement(tried: Case, which: number): Promise<readonly Way[]> {
  const byRelay = await send(tried, 'relay', gateways[which]!, tool);
  const byApp = await send(tried, 'app', gateways[which]!, tool);
  const byDetour = await send(tried, 'detour', detouring[which]!, tool);
  expect([...byApp.ways, ...byDetour.ways].filter((way) => way !== 'app')).toEqual([]);
  if (dependsOnArrival(tried, byRelay.outcome)) return byRelay.ways;
  expect(lessBrokenOff(byDetour.outcome)).toEqual(lessBrokenOff(byApp.outcome));
  if (isStricter(tried, byRelay.outcome)) return byRelay.ways;
  expect(lessBrokenOff(byRelay.outcome)).toEqual(lessBrokenOff(byApp.outcome));
  return byRelay.ways;
}

function exchange(index: number, scriptFor: (method: string) => fc.Arbitrary<Script>): fc.Arbitrary<CaseExchange> {
  return requestParts.chain(({ method, line, fields }) =>
    fc.record({ framed: bodyFor(method), script: scriptFor(method) }).map(({ framed, script }) => ({
      method,
      request: `${line}\r\n${fields}Script: ${index}\r\n${framed.field}\r\n${framed.body}`,
      script,
    })),
  );
}

const sound = (method: string) => answerTo(method, tool.port);
const broken = () => brokenAnswer;

const handshake: fc.Arbitrary<CaseExchange> = fc
  .record({
    parts: requestParts,
    upgrade: upgradeFields,
    early: earlyBytes,
    late: fc.constantFrom('late', bytes(40_000)),
  })
  .chain(({ parts, upgrade, early, late }) =>
    fc
      .oneof(
        { weight: 4, arbitrary: acceptance(early.length + late.length, tool.port) },
        { weight: 1, arbitrary: answerTo('GET', tool.port) },
        { weight: 1, arbitrary: brokenAnswer },
      )
      .map((script) => ({
        method: 'GET',
        request: `${parts.line.replace(/^\S+/, 'GET')}\r\n${withoutConnection(parts.fields)}${upgrade}Script: 0\r\n\r\n${early}`,
        late,
        script,
      })),
  );

const withoutConnection = (fields: string) => fields.replace(/^connection:.*\r\n/gim, '');

async function expectAgreementOn(exchanges: fc.Arbitrary<Case['exchanges']>, numRuns: number): Promise<void> {
  const taken = { relay: 0, app: 0 };
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.boolean(), exchanges, fc.nat(1), async (tls, pipelined, those, which) => {
      // A websocket's client has to wait for the answer before it goes on.
      const together = pipelined && those.every(({ late }) => late === undefined);
      const ways = await expectAgreement({ tls, pipelined: together, exchanges: those }, which);
      for (const way of ways) taken[way]++;
    }),
    { numRuns, interruptAfterTimeLimit: 40_000 },
  );
  // About 0.63 of them, of a few hundred: half is five standard deviations away.
  expect(taken.relay).toBeGreaterThan((taken.relay + taken.app) * 0.48);
}

describe('a tool and a client cannot tell which way a request took', () => {
  test(
    'that has a sound answer',
    () =>
      expectAgreementOn(fc.oneof(fc.tuple(exchange(0, sound)), fc.tuple(exchange(0, sound), exchange(1, sound))), 500),
    60_000,
  );

  test(
    'whose answer is broken',
    () =>
      expectAgreementOn(
        fc.oneof(fc.tuple(exchange(0, broken)), fc.tuple(exchange(0, sound), exchange(1, broken))),
        200,
      ),
    60_000,
  );

  test('that asks for a websocket', () => expectAgreementOn(fc.tuple(handshake), 200), 60_000);
});

test.each(['relay', 'app'] as const)(
  'bytes above 0x7f stay as they are by the %s, also where the body is late',
  async (way) => {
    const tried: Case = {
      tls: false,
      pipelined: false,
      exchanges: [
        {
          method: 'POST',
          request: 'POST /strip/ HTTP/1.1\r\nHost: a\r\nScript: 0\r\nX-A: \xe9\xff\r\nContent-Length: 4\r\n\r\nbody',
          script: {
            pieces: ['HTTP/1.1 200 \xe9t\xe9\r\nX-A: \xe9\xff\r\nContent-Length: 4\r\n\r\n', 'body'],
            then: 'keep',
          },
        },
      ],
      pieces: ['POST /strip/ HTTP/1.1\r\nHost: a\r\nScript: 0\r\nX-A: \xe9\xff\r\nContent-Length: 4\r\n\r\n', 'body'],
    };
    const { outcome, ways } = await send(tried, way, gateways[0]!, tool);
    expect(ways).toEqual([way]);
    expect(outcome.upstream[0]?.head).toContain('X-A: \xe9\xff');
    expect(outcome.answers[0]).toMatchObject({ statusLine: 'HTTP/1.1 200 \xe9t\xe9', body: 'body' });
    expect(outcome.answers[0]?.fields).toContain('X-A: \xe9\xff');
  },
);
