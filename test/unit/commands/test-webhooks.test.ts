import { testWebhooks } from '../../../src/commands/test-webhooks';
import { resolveConfig } from '../../../src/config/load';
import { refusingPort } from '../../support/free-ports';
import { startReceiver, type Receiver } from '../../support/receiver';

let receivers: Receiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  receivers = [];
});

async function receiver(status = 200): Promise<Receiver> {
  const made = await startReceiver({ answer: (_, res) => res.writeHead(status).end() });
  receivers.push(made);
  return made;
}

async function run(...webhooks: object[]) {
  const lines: string[] = [];
  const mounts = [{ path: '/kpow', target: 'http://localhost:3000', health: '/healthy' }];
  const code = await testWebhooks(resolveConfig({ mounts, notify: { webhooks } }), (line) => lines.push(line));
  return { code, lines };
}

test('each webhook gets a marked trouble and its end, and a line', async () => {
  const [slack, json] = [await receiver(), await receiver(202)];
  const result = await run(
    { url: `${slack.origin}/s3cr3t` },
    { url: json.origin, format: 'json', states: 'unhealthy' },
  );
  expect(result).toEqual({
    code: 0,
    lines: [`${slack.origin}: taken (200); it hears of /kpow`, `${json.origin}: taken (202); it hears of /kpow`],
  });
  const texts = slack.received.map(({ body }) => (JSON.parse(body) as { text: string }).text);
  expect(texts).toEqual([
    expect.stringMatching(/kpow-gateway test: Not well.*\nThis is only a test: nothing is wrong\./),
    expect.stringMatching(/kpow-gateway test is well again/),
  ]);
  expect(json.received.map(({ body }) => JSON.parse(body))).toEqual([
    expect.objectContaining({ events: [expect.objectContaining({ test: true, event: 'trouble' })] }),
  ]);
});

test('what does not work says why, and exits 1', async () => {
  const [revoked, down] = [await receiver(403), `http://127.0.0.1:${await refusingPort()}`];
  const { code, lines } = await run({ url: `${revoked.origin}/s3cr3t` }, { url: `${down}/s3cr3t` });
  expect(code).toBe(1);
  expect(lines[0]).toMatch(/: failed: answered 403\. .*revoked/);
  expect(lines[1]).toBe(`${down}: failed: no connection (ECONNREFUSED)`);
  expect(lines.join()).not.toContain('s3cr3t');
});

test('without a webhook there is nothing to test', async () => {
  const { code, lines } = await run({ url: 'off' });
  expect([code, lines]).toEqual([1, [expect.stringMatching(/^There is no webhook to test: add one/)]]);
});
