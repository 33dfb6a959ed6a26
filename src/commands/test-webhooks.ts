import type { Config, WebhookConfig } from '../config/config';
import { deliver, type Attempt } from '../notify/deliver';
import type { Message } from '../notify/message';
import { senderOf, watchedMounts } from '../notify/notifier';
import { payload } from '../notify/payload';
import { adviceForStatus, verdictOf } from '../notify/receiver-answer';

/**
 * Sends each webhook a trouble and its end, marked as a test, so that what was opened is closed again.
 *
 * @param out called with each line to print
 * @returns the exit code: 0 when all were taken
 */
export async function testWebhooks(config: Config, out: (line: string) => void): Promise<number> {
  const { webhooks } = config.notify;
  if (webhooks.length === 0) {
    out('There is no webhook to test: add one under notify.webhooks (docs/notifications.md)');
    return 1;
  }
  const results = await Promise.all(webhooks.map((webhook) => testWebhook(config, webhook)));
  for (const { line } of results) out(line);
  return results.every(({ taken }) => taken) ? 0 : 1;
}

async function testWebhook(config: Config, webhook: WebhookConfig): Promise<{ line: string; taken: boolean }> {
  const recovery = webhook.states.includes('healthy') ? [testMessage('recovery')] : [];
  let line = '';
  for (const message of [testMessage('trouble'), ...recovery]) {
    const body = payload(webhook, [message], senderOf(config));
    const attempt = await deliver(webhook, body, new AbortController().signal);
    const result = resultOf(attempt);
    line = `${new URL(webhook.url).origin}: ${result.text}`;
    if (!result.taken) return { line, taken: false };
  }
  const paths = watchedMounts(config, webhook).map(({ path }) => path);
  const heard = paths.length === 0 ? 'nothing, since no mount has health' : paths.join(', ');
  return { line: `${line}; it hears of ${heard}`, taken: true };
}

function resultOf(attempt: Attempt): { text: string; taken: boolean } {
  if (attempt.outcome === 'failed') return { text: `failed: ${attempt.reason}`, taken: false };
  const { status } = attempt;
  const taken = verdictOf(status) === 'taken';
  return { text: taken ? `taken (${status})` : `failed: answered ${status}. ${adviceForStatus(status)}`, taken };
}

function testMessage(event: 'trouble' | 'recovery'): Message {
  const now = new Date();
  const well = event === 'recovery';
  return {
    event,
    test: true,
    name: 'kpow-gateway test',
    path: '/-/test',
    status: {
      state: well ? 'healthy' : 'unhealthy',
      reason: null,
      detail: well ? 'is healthy' : 'This is only a test: nothing is wrong',
      advice: well ? [] : ['There is nothing to do: kpow-gateway test-webhooks was run.'],
      since: now,
      latency: null,
      checkedAt: now,
    },
    since: now,
    until: well ? now : null,
    lasted: 0,
  };
}
