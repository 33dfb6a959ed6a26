import { z } from 'zod';
import { headerFields } from '../header-fields';
import * as kinds from '../kinds';
import { receiverUrl, linkUrl, mediaType, template } from '../notify-kinds';
import { show } from '../problem';
import { mapping, oneOrMore, optional, preset, required } from './field';

const state = kinds.choice('unhealthy', 'unreachable', 'healthy');
const webhookExample = '{ url: "${SLACK_WEBHOOK_URL}" }';

const webhook = mapping(
  {
    url: required(receiverUrl, {
      description: 'Where messages are posted to. `off` takes the webhook out: `url: ${SLACK_WEBHOOK_URL:-off}`.',
      examples: ['${SLACK_WEBHOOK_URL}'],
    }),
    format: optional(kinds.choice('slack', 'json'), {
      description:
        '`slack`: a text that Slack, Mattermost, Rocket.Chat and Google Chat show as it is. `json`: all that is known, for programs.',
      defaultText: '`slack`, unless there is a `template`',
      examples: ['json'],
    }),
    template: optional(template, {
      description:
        'A body of your own in place of a format, with placeholders such as `{{name}}` and `{{state}}`; all are in [notifications.md](notifications.md).',
      examples: ['{"title": "{{summary}}", "text": "{{detail}}"}'],
    }),
    contentType: optional(mediaType, {
      description: "The template's media type; placeholders are escaped as it needs it.",
      defaultText: '`application/json`',
      examples: ['text/plain'],
    }),
    headers: optional(headerFields({ 'content-type': 'is what contentType is for' }), {
      description: 'Header fields that the receiver asks for.',
      examples: [{ Authorization: 'Bearer ${TOKEN}' }],
    }),
    mounts: oneOrMore(kinds.mountPath, '[/kpow]', {
      description: 'The paths of the mounts that this webhook is told of.',
      defaultText: 'all that have `health`',
      examples: [['/kpow']],
    }).optional(),
    states: oneOrMore(state, '[unhealthy, unreachable, healthy]', {
      description:
        '`unhealthy`: the tool answers that it is not well, as kPow in its ERROR state does. `unreachable`: it does not answer. `healthy`: it is well again; told only after its trouble was.',
      examples: [['unreachable', 'healthy']],
    }).prefault(['unhealthy', 'unreachable', 'healthy']),
    after: preset(kinds.duration({ most: 86_400_000 }), '30s', {
      description:
        'How long trouble, and the end of it, has to last before it is told. Nobody is told of what is shorter.',
      examples: ['2m'],
    }),
    repeat: preset(kinds.duration({ off: true, least: 1000, most: 7 * 86_400_000 }), 'off', {
      description: 'How often to remind while the trouble lasts.',
      examples: ['4h'],
    }),
    timeout: preset(kinds.duration({ least: 10, most: 300_000 }), '10s', {
      description: 'How long the receiver may take to answer.',
      examples: ['5s'],
    }),
    ca: optional(kinds.file, {
      description: "PEM file with the authority that signed the receiver's certificate, where it is a private one.",
      examples: ['certs/ca.crt'],
    }),
  },
  'A receiver, and what it is told.',
  webhookExample,
);

export const notify = mapping(
  {
    link: optional(linkUrl, {
      description: "The portal's address, as people reach it; each message ends with it.",
      examples: ['https://tools.example.com/'],
    }),
    webhooks: z
      .array(webhook, {
        error: (issue) => `${show(issue.input)} is not a list; begin each webhook with a dash: - ${webhookExample}`,
      })
      .meta({ description: 'Who is told.' })
      .prefault([]),
  },
  "Who is told when a tool's state changes; see [notifications.md](notifications.md).",
  `{ webhooks: [${webhookExample}] }`,
);
