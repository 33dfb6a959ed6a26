import type { Way } from '../../src/observe/request-outcome';
import { startGateway, type TestGateway } from '../support/gateway';
import { startScriptedTool, type Script, type ScriptedTool } from '../support/ways/scripted-tool';
import { send, type CaseExchange } from '../support/ways/send';

let tool: ScriptedTool;
let gateway: TestGateway;

beforeAll(async () => {
  tool = await startScriptedTool();
  gateway = await startGateway({
    listen: { http: { mode: 'serve' } },
    mounts: [{ path: '/strip', target: tool.url }],
  });
});
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const websocket = { bytes: 9, farewell: 'farewell' };
const accepted = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const handshake = 'GET /strip/ws HTTP/1.1\r\nHost: a\r\nScript: 0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

const requests: Readonly<Record<string, Omit<CaseExchange, 'script'>>> = {
  'a GET': { method: 'GET', request: 'GET /strip/a?b HTTP/1.1\r\nHost: a\r\nScript: 0\r\nCookie: a=b\r\n\r\n' },
  'a POST with its body': {
    method: 'POST',
    request: 'POST /strip/ HTTP/1.1\r\nHost: a\r\nScript: 0\r\nContent-Length: 9\r\n\r\n\r\n\r\nGET /\0',
  },
  'a websocket with early bytes': { method: 'GET', request: `${handshake}early`, late: 'late' },
  'a request that is not the relay’s': {
    method: 'PUT',
    request: 'PUT /strip/ HTTP/1.1\r\nHost:a\r\nScript: 0\r\nContent-Length: 5\r\n\r\nhello',
  },
  'a request that is none': { method: 'GET', request: 'GET /strip/ HTTP/1.1\r\nHost: a\r\nX Space: a\r\n\r\n' },
};

const get = { method: 'GET', request: 'GET /strip/ HTTP/1.1\r\nHost: a\r\nScript: 0\r\n\r\n' };

/** What a tool answers to a GET, and what it does with its connection then. */
const answers: Readonly<Record<string, { readonly text: string; readonly then?: Script['then'] }>> = {
  'a length': { text: 'HTTP/1.1 200 OK\r\nX-A:\t b \r\nLocation: /x\r\ncontent-length: 7\r\n\r\n\r\n\r\nabc' },
  'chunks with all that they may have': {
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;a="b"\r\n\r\n\r\na\r\n00A\r\n0123456789\r\n0;c\r\nX-Sum: 1\r\nTE: a\r\n\r\n',
  },
  'an end by the connection’s': { text: 'HTTP/1.1 200\r\nServer: a\r\n\r\nuntil the end', then: 'end' },
  'no body': { text: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 5\r\n\r\n' },
  'hints before it': {
    text: 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 OK\r\n\r\n',
  },
  'a head that is none': { text: 'HTTP/1.1 200 OK\r\nX Space: a\r\n\r\n', then: 'end' },
};

/** A text in two parts, at every place. */
const inTwo = (text: string) => Array.from(text.slice(1), (_, at) => [text.slice(0, at + 1), text.slice(at + 1)]);

async function outcomeOf(exchange: CaseExchange, pieces?: readonly string[]) {
  const { outcome, ways } = await send(
    { tls: false, pipelined: false, exchanges: [exchange], pieces },
    'relay',
    gateway,
    tool,
  );
  return { outcome, way: ways[0] ?? null };
}

describe.each(Object.entries(requests))('%s', (_, request) => {
  const exchange: CaseExchange = {
    ...request,
    script:
      request.late === undefined ? { pieces: [ok], then: 'keep' } : { pieces: [accepted], then: 'end', websocket },
  };

  test('is the same in two parts, at every place', async () => {
    const whole = await outcomeOf(exchange);
    for (const parts of inTwo(exchange.request))
      expect([parts, await outcomeOf(exchange, parts)]).toEqual([parts, whole]);
  }, 60_000);

  test('is the same a byte at a time, which is for the parser that goes on where it was', async () => {
    const whole = await outcomeOf(exchange);
    const way: Way | null = whole.way === null ? null : 'app';
    expect(await outcomeOf(exchange, Array.from(exchange.request))).toEqual({ ...whole, way });
  });
});

describe.each(Object.entries(answers))('an answer with %s', (_, { text, then = 'keep' }) => {
  const answered = (pieces: readonly string[]) => outcomeOf({ ...get, script: { pieces, then } });

  test('is the same in two parts, at every place', async () => {
    const whole = await answered([text]);
    expect(whole.way).toBe('relay');
    for (const parts of inTwo(text)) expect([parts, await answered(parts)]).toEqual([parts, whole]);
  }, 60_000);

  test('is the same a byte at a time', async () => {
    const whole = await answered([text]);
    expect(await answered(Array.from(text))).toEqual(whole);
  });
});
