import { refusingPort } from '../support/free-ports';
import { expectFailure, expectNoAddress, lineOf, useScenes } from './support/scene';
import { brokenOnce } from './support/tool';

const scenes = useScenes();
const browser = 'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

const refused = async () => scenes.before(`http://127.0.0.1:${await refusingPort()}`);
const failures = [
  ['a tool that refuses', refused, 502, 'UPSTREAM_REFUSED'],
  ['an unknown host', () => scenes.before('http://kpow.unknown.invalid:3000'), 502, 'UPSTREAM_UNKNOWN_HOST'],
  ['a tool that closes', () => scenes.with((socket) => void socket.end()), 502, 'UPSTREAM_CLOSED'],
  ['garbage', () => scenes.with(brokenOnce('garbage\r\n\r\n')), 502, 'UPSTREAM_BAD_ANSWER'],
  [
    'a tool that hangs',
    () => scenes.with(() => undefined, { mount: { timeouts: { response: '100ms' } } }),
    504,
    'UPSTREAM_RESPONSE_TIMEOUT',
  ],
] as const;

describe.each(failures)('%s', (_, arrange, status, code) => {
  test('is a page to a browser: what happened, what to try, and the id that the log has', async () => {
    const scene = await arrange();
    const page = await scene.ask('/tool/', { fields: [browser] });
    const id = page.headers['x-request-id']!;
    expect([page.status, page.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(page.body).toMatch(/^<!doctype html>/i);
    expect(page.body).toContain('What to try');
    expect(page.body).toContain(id);
    expect(page.body).toContain(code);
    expect(await lineOf(scene, page)).toMatchObject({ id, status, code, mount: '/tool' });
    expectNoAddress(page.raw);
  });

  test('is problem JSON to a program, whatever it accepts', async () => {
    const scene = await arrange();
    for (const fields of [
      [],
      ['Accept: application/json'],
      ['Accept: */*'],
      ['Accept: application/problem+json, text/html;q=0.5'],
    ]) {
      const answer = await scene.ask('/tool/', { fields });
      // The garbage of `brokenOnce` comes once.
      if (answer.status === 200) break;
      await expectFailure(scene, answer, status, code);
    }
  });

  test('is kept by no cache, and told apart by Accept', async () => {
    const answer = await (await arrange()).ask();
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Accept' });
  });

  test('has no body for HEAD, and says how long it would be', async () => {
    const scene = await arrange();
    const answer = await scene.ask('/tool/', { method: 'HEAD' });
    expect([answer.status, answer.body]).toEqual([status, '']);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(100);
  });
});

test('the log has the cause, with its address, under the same id', async () => {
  const scene = await refused();
  const id = (await scene.ask()).headers['x-request-id'];
  const line = await scene.gateway.line((it) => it['id'] === id && it['err'] !== undefined);
  expect(JSON.stringify(line)).toMatch(/ECONNREFUSED/);
});

test('what stands in the path or the Host cannot get into the page', async () => {
  const scene = await refused();
  const page = await scene.ask('/tool/<script>alert(1)</script>', { fields: [browser] });
  expect(page.body).not.toContain('alert(1)');
});

test('a failure keeps the client’s connection: the next request goes on it', async () => {
  const scene = await refused();
  const client = await scene.client();
  for (let i = 1; i <= 3; i++) {
    client.write('GET /tool/ HTTP/1.1\r\nHost: tools.example\r\n\r\n');
    await client.until(new RegExp(`(HTTP/1.1 502 [^]*){${i}}\n\\}\n$`));
  }
});
