import { startSchemas } from '../../../src/demo/schemas';
import type { Tool } from '../../../src/demo/tool-server';
import { ask, cookieOf } from './ask';

let tool: Tool;
beforeAll(async () => {
  tool = await startSchemas({ basePath: '/schemas' });
});
afterAll(() => tool.close());

describe('the demo tool that knows its base path', () => {
  test.each(['/schemas/', '/schemas/browse/orders-value', '/schemas/no/such/page'])(
    '%s refers to itself under the base path only',
    async (path) => {
      const { body } = await ask(tool.url + path);
      const references = [...body.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, reference]) => reference!);
      expect(references.length).toBeGreaterThan(4);
      for (const reference of references) {
        expect(reference).toMatch(/^\/schemas\//);
        expect((await ask(tool.url + reference)).status).toBe(200);
      }
    },
  );

  test('redirects its base path to the slash, and has nothing outside of it', async () => {
    expect((await ask(`${tool.url}/schemas`)).headers.location).toBe('/schemas/');
    expect((await ask(tool.url)).status).toBe(404);
    expect((await ask(`${tool.url}/schemasx/`)).status).toBe(404);
  });

  test('keeps its cookie under its base path', async () => {
    const first = await ask(`${tool.url}/schemas/`);
    expect(first.headers['set-cookie']?.[0]).toContain('; Path=/schemas/;');
    const second = await ask(`${tool.url}/schemas/`, { headers: { Cookie: cookieOf(first) } });
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.body).toContain('Page 2 of your session');
  });

  test.each<[string, number, unknown]>([
    ['subjects', 200, expect.arrayContaining(['orders-value'])],
    ['subjects/orders-value/versions', 200, [1, 2]],
    ['subjects/orders-value/versions/1', 200, expect.objectContaining({ version: 1, schema: expect.any(String) })],
    ['subjects/orders-value/versions/latest', 200, expect.objectContaining({ version: 2 })],
    ['subjects/orders-value/versions/3', 404, expect.objectContaining({ error_code: 40402 })],
    ['subjects/none/versions', 404, expect.objectContaining({ error_code: 40401 })],
  ])('answers %s with %i', async (path, status, expected) => {
    const answer = await ask(`${tool.url}/schemas/${path}`);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([status, expected]);
  });

  test('is healthy', async () => {
    expect((await ask(`${tool.url}/schemas/-/healthy`)).status).toBe(200);
  });

  test('can be served at the root', async () => {
    const atRoot = await startSchemas({ basePath: '' });
    expect((await ask(atRoot.url)).body).toContain('href="/browse/orders-value"');
    await atRoot.close();
  });
});
