import type { WebhookConfig } from '../config/config';
import { detail, lines, summary, type Message, type Sender } from './message';
import { renderTemplate } from './template';

/** Where a message is about more tools than this, each has its lines without the advice. */
const IN_FULL = 3;

/** Messages that one request may carry. Slack shortens texts above 4,000 characters, Google Chat refuses them. */
export function batchSize({ template }: Pick<WebhookConfig, 'template'>): number {
  return template === null ? 15 : 1;
}

/** The body of a request. @param messages at least one, at most `batchSize` */
export function payload(webhook: Payload, messages: readonly [Message, ...Message[]], sender: Sender): string {
  if (webhook.template !== null) return renderTemplate(webhook.template, webhook.contentType, messages[0], sender);
  return JSON.stringify(webhook.format === 'slack' ? slack(messages, sender) : json(messages, sender));
}

type Payload = Pick<WebhookConfig, 'format' | 'template' | 'contentType'>;

/** `text` alone: Slack, Mattermost, Rocket.Chat and Google Chat all take it, and the last refuses any other field. */
function slack(messages: readonly Message[], { gateway, link }: Sender) {
  const advice = messages.length <= IN_FULL;
  const parts = messages.map((message) => lines(message, { advice }).join('\n'));
  const from = `Gateway ${gateway}${link === null ? '' : ` · ${link}`}`;
  return { text: slackText([...parts, from].join(advice ? '\n\n' : '\n')) };
}

/** The three characters that Slack gives a meaning to, `<!channel>` among them. */
const slackText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Documented in docs/notifications.md; fields may be added, not taken away. */
function json(messages: readonly Message[], { gateway, link }: Sender) {
  return {
    gateway,
    link,
    events: messages.map((message) => ({
      event: message.event,
      test: message.test,
      name: message.name,
      path: message.path,
      state: message.status.state,
      reason: message.status.reason,
      summary: summary(message),
      detail: detail(message),
      advice: message.status.advice,
      since: message.since.toISOString(),
      until: message.until?.toISOString() ?? null,
      lastedSeconds: Math.round(message.lasted / 1000),
    })),
  };
}
