import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { startTail } from '../../../src/demo/tail';
import type { Tool } from '../../../src/demo/tool-server';
import { ask, cookieOf } from './ask';

let tool: Tool;
beforeAll(async () => {
  tool = await startTail({ interval: 20 });
});
afterAll(() => tool.close());

/** Ids of the first `count` events. */
async function eventIds(count: number, path = '/events', headers = {}): Promise<number[]> {
  const sent = request(tool.url + path, { headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.headers['content-type']).toBe('text/event-stream');
  let received = '';
  for await (const chunk of response.setEncoding('utf8')) {
    received += chunk as string;
    const ids = [...received.matchAll(/^id: (\d+)\ndata: (.+)\n\n/gm)].map(([, id, data]) => {
      expect(JSON.parse(data!)).toMatchObject({ level: expect.any(String), message: expect.any(String) });
      return Number(id);
    });
    if (ids.length >= count) return ids.slice(0, count);
  }
  throw new Error('The stream ended early.');
}

describe('the demo tool that knows no base path', () => {
  test('sends log lines as events, one after the other', async () => {
    const ids = await eventIds(4);
    expect(ids).toEqual(ids.map((_, index) => ids[0]! + index));
  });

  test('resumes after the last event that a client has seen', async () => {
    const [first] = await eventIds(1);
    expect(await eventIds(2, '/events', { 'Last-Event-ID': String(first) })).toEqual([first! + 1, first! + 2]);
  });

  test('goes on where its page ends', async () => {
    const last = Number(/data-last="(\d+)"/.exec((await ask(tool.url)).body)?.[1]);
    expect(await eventIds(1, `/events?after=${last}`)).toEqual([last + 1]);
  });

  test.each(['0', '999999999999999', 'x', '-1'])('takes any Last-Event-ID: %s', async (id) => {
    expect(await eventIds(1, '/events', { 'Last-Event-ID': id })).toHaveLength(1);
  });

  test('refers to itself by relative URLs that exist', async () => {
    const { body } = await ask(tool.url);
    const references = [...body.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, reference]) => reference!);
    expect(references.length).toBeGreaterThan(3);
    for (const reference of references) {
      expect(reference).toMatch(/^\.\//);
      expect((await ask(new URL(reference, tool.url).href)).status).toBe(200);
    }
  });

  test("sets a cookie that collides with kPow's: JSESSIONID at the root", async () => {
    const first = await ask(tool.url);
    expect(first.headers['set-cookie']?.[0]).toMatch(/^JSESSIONID=[^;]+; Path=\/;/);
    expect((await ask(tool.url, { headers: { Cookie: cookieOf(first) } })).body).toContain('Page 2 of your session');
  });

  test('is healthy', async () => {
    expect((await ask(`${tool.url}/health`)).status).toBe(200);
  });
});
