import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readAnswer } from '../failure/support/answer';
import { startGateway, temporaryFolder, type TestGateway } from '../support/gateway';
import { startNginx, type Nginx } from '../support/nginx';
import { exchangeRaw } from '../support/raw-client';

/** nginx as the tool: its WebDAV compares a Destination's scheme with its own, and its host with the request's. */
let nginx: Nginx;
let gateway: TestGateway;
const folder = path.join(temporaryFolder(), 'files');

beforeAll(async () => {
  mkdirSync(folder);
  const locations = `
    location / { root ${folder}; dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; }`;
  nginx = await startNginx([{ locations }]);
  const target = `http://127.0.0.1:${nginx.ports[0] ?? 0}`;
  gateway = await startGateway({
    mounts: [
      { path: '/strip', target },
      { path: '/keep', target, prefix: 'keep' },
      { path: '/adopt', target, prefix: 'adopt' },
      { path: '/own', target, host: 'target' },
      { path: '/base', target: `${target}/based` },
      { path: '/other', target },
    ],
  });
});
afterAll(async () => {
  await gateway.stop();
  await nginx.stop();
});

async function ask(method: string, target: string, fields: readonly string[] = [], body = '') {
  const head = [`${method} ${target} HTTP/1.1`, 'Host: tools.example:8443', ...fields, 'Connection: close'];
  if (body !== '') head.push(`Content-Length: ${body.length}`);
  return readAnswer(await exchangeRaw(gateway.httpsPort, [...head, '', body].join('\r\n'))).status;
}

const inFolder = (name: string) => path.join(folder, name);

test.each([
  ['/strip', ''],
  ['/keep', 'keep'],
  ['/adopt', ''],
  ['/own', ''],
  ['/base', 'based'],
])('what is put in %s is copied and moved there', async (mount, inside) => {
  const at = (name: string) => inFolder(path.join(inside, `${mount.slice(1)}-${name}`));
  const url = (name: string) => `${mount}/${mount.slice(1)}-${name}`;
  expect(await ask('PUT', url('a'), [], 'text')).toBe(201);
  expect(await ask('COPY', url('a'), [`Destination: https://tools.example:8443${url('b')}`])).toBe(204);
  expect(await ask('MOVE', url('a'), [`Destination: ${url('c')}`])).toBe(204);
  expect([existsSync(at('a')), readFileSync(at('b'), 'utf8'), readFileSync(at('c'), 'utf8')]).toEqual([
    false,
    'text',
    'text',
  ]);
});

test('what would land elsewhere stays where it is', async () => {
  expect(await ask('PUT', '/strip/stays', [], 'text')).toBe(201);
  for (const to of ['https://tools.example:8443/other/x', '/other/x', 'https://other.example/strip/x'])
    expect(await ask('MOVE', '/strip/stays', [`Destination: ${to}`])).toBeGreaterThanOrEqual(400);
  expect([existsSync(inFolder('stays')), existsSync(inFolder('other')), existsSync(inFolder('x'))]).toEqual([
    true,
    false,
    false,
  ]);
});
