import { resolveConfig } from '../../src/config/load';
import { startKpow } from '../../src/demo/kpow';
import { placeholders } from '../../src/notify/template';
import { startGateway, type RawConfig } from '../support/gateway';
import { notificationBlocks, notificationsDocument, parsedBlock } from '../support/notification-blocks';
import { startReceiver, type Receiver } from '../support/receiver';

const variables = {
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
  TEAMS_WORKFLOW_URL: 'https://example.logic.azure.com/workflows/x?sig=y',
  PAGERDUTY_ROUTING_KEY: 'r0ut1ng',
  HOOK_URL: 'https://hook.example.com/',
  HOOK_TOKEN: 't0k3n',
  NTFY_URL: 'https://ntfy.sh/topic',
};
const mounts = [{ name: 'kPow', path: '/kpow', target: 'http://localhost:3000', health: '/healthy' }];

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

/** What a receiver gets of a block's webhook when kPow falls into its ERROR state, and when it is well again. */
async function messagesOf(title: string) {
  const raw = parsedBlock(title);
  for (const webhook of raw.notify.webhooks) Object.assign(webhook, { url: receiver.origin, after: '20ms' });
  const filled = JSON.parse(
    JSON.stringify(raw)
      .replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name as keyof typeof variables])
      .replaceAll('$$', '$'),
  ) as object;
  const kpow = await startKpow({ port: 0, errorStateLasts: 0 });
  // A block for tools that do not answer is tried with one that does not.
  const unreachable = (raw.notify.webhooks[0]?.['states'] as string[] | undefined)?.includes('unhealthy') === false;
  if (unreachable) await kpow.close();
  else kpow.setErrorState(true);
  const gateway = await startGateway({
    ...filled,
    health: { interval: '20ms', unhealthyAfter: 1 },
    mounts: [{ ...mounts[0], target: `http://127.0.0.1:${kpow.port}` }],
  } as unknown as RawConfig);
  const back = unreachable ? () => startKpow({ port: kpow.port }) : () => (kpow.setErrorState(false), kpow);
  let running = kpow;
  try {
    const trouble = await receiver.arrived(1);
    running = await back();
    return { trouble, recovery: await receiver.arrived(2) };
  } finally {
    await gateway.stop();
    await running.close();
  }
}

test('the headings with a block are those that are tested', () => {
  expect([...notificationBlocks.keys()]).toEqual([
    'Slack, Mattermost, Rocket.Chat, Google Chat',
    'Microsoft Teams',
    'PagerDuty',
    'Alertmanager',
    'JSON',
    'Anything else',
  ]);
});

test.each([...notificationBlocks.keys()])('%s: the block is a valid configuration as it stands', (title) => {
  const config = resolveConfig({ ...parsedBlock(title), mounts }, { env: variables });
  expect(config.notify.webhooks).toHaveLength(1);
});

test('every placeholder is told of', () => {
  const told = new Set(
    Array.from(notificationsDocument.matchAll(/^\| (`\{\{.+?) \|/gm), ([, cell]) => cell!.match(/\w+/g)!).flat(),
  );
  expect([...told].sort()).toEqual([...placeholders].sort());
});

test('Slack gets a text', async () => {
  const { trouble, recovery } = await messagesOf('Slack, Mattermost, Rocket.Chat, Google Chat');
  expect(JSON.parse(trouble.body)).toEqual({ text: expect.stringMatching(/ERROR state.*[^]*tools\.example\.com/) });
  expect(JSON.parse(recovery.body)).toEqual({ text: expect.stringMatching(/kPow is well again/) });
});

test('Teams gets an Adaptive Card', async () => {
  const { trouble, recovery } = await messagesOf('Microsoft Teams');
  const card = (body: string) => {
    const { type, attachments } = JSON.parse(body);
    expect([type, attachments.length, attachments[0].contentType]).toEqual([
      'message',
      1,
      'application/vnd.microsoft.card.adaptive',
    ]);
    return attachments[0].content;
  };
  expect(card(trouble.body)).toMatchObject({
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    body: [
      { text: 'kPow: ERROR state' },
      { text: expect.stringContaining('Streams') },
      { text: expect.stringContaining('Restart') },
    ],
    actions: [{ type: 'Action.OpenUrl', url: 'https://tools.example.com/' }],
  });
  expect(card(recovery.body).body[0].text).toMatch(/^kPow is well again after /);
});

test('PagerDuty gets a trigger and a resolve with one key', async () => {
  const { trouble, recovery } = await messagesOf('PagerDuty');
  expect(JSON.parse(trouble.body)).toMatchObject({
    routing_key: 'r0ut1ng',
    event_action: 'trigger',
    dedup_key: 'kpow-gateway/kpow',
    payload: { summary: 'kPow: ERROR state', severity: 'critical', source: expect.stringMatching(/./) },
  });
  expect(JSON.parse(recovery.body)).toMatchObject({ event_action: 'resolve', dedup_key: 'kpow-gateway/kpow' });
});

test('Alertmanager gets an alert without and then with its end', async () => {
  const { trouble, recovery } = await messagesOf('Alertmanager');
  const [first] = JSON.parse(trouble.body);
  const [last] = JSON.parse(recovery.body);
  expect(first).toMatchObject({
    labels: { alertname: 'ToolInTrouble', path: '/kpow' },
    endsAt: expect.stringMatching(/^0001-/),
  });
  expect(last).toMatchObject({ labels: first.labels, startsAt: first.startsAt });
  expect(Date.parse(last.endsAt)).toBeGreaterThan(Date.parse(first.startsAt));
});

test('a program gets JSON, with its token', async () => {
  const { trouble, recovery } = await messagesOf('JSON');
  expect(trouble.headers.authorization).toBe('Bearer t0k3n');
  expect(JSON.parse(trouble.body)).toMatchObject({ events: [{ event: 'trouble', state: 'unreachable' }] });
  expect(JSON.parse(recovery.body)).toMatchObject({ events: [{ event: 'recovery', state: 'healthy' }] });
});

test('ntfy gets a text', async () => {
  const { trouble } = await messagesOf('Anything else');
  expect(trouble.headers).toMatchObject({ 'content-type': 'text/plain', title: 'A tool needs you' });
  expect(trouble.body).toMatch(/^🔴 \*kPow: ERROR state\*[^]*• Restart kPow[^]*Gateway /);
});
