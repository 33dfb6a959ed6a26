import { spokenDuration } from '../observe/duration';
import { detail, lines, summary, type Message, type Sender } from './message';

/** Every placeholder, and what stands in its place. */
const values: Readonly<Record<string, (message: Message, sender: Sender) => string>> = {
  name: ({ name }) => name,
  path: ({ path }) => path,
  state: ({ status }) => status.state,
  reason: ({ status }) => status.reason ?? 'none',
  event: ({ event }) => event,
  /** PagerDuty's words. */
  action: ({ event }) => (event === 'recovery' ? 'resolve' : 'trigger'),
  summary: (message) => summary(message),
  detail: (message) => detail(message),
  advice: ({ status }) => status.advice.join(' '),
  text: (message, { gateway }) => [...lines(message, { advice: true }), `Gateway ${gateway}`].join('\n'),
  since: ({ since }) => since.toISOString(),
  /** Alertmanager takes the year 1 for "not yet". */
  until: ({ until }) => until?.toISOString() ?? '0001-01-01T00:00:00.000Z',
  lasted: ({ lasted }) => spokenDuration(lasted),
  gateway: (_, { gateway }) => gateway,
  link: (_, { link }) => link ?? '',
};

export const placeholders = Object.keys(values);

/** `{{name}}`, with or without spaces in it. */
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** Whether texts of this media type are JSON (RFC 6839 §3.1 for `+json`). */
const isJson = (contentType: string) => /^application\/([\w.-]+\+)?json\b/i.test(contentType);

/** The template with its placeholders filled in, their values escaped as the content type needs it. */
export function renderTemplate(template: string, contentType: string, message: Message, sender: Sender): string {
  const escape = escaperFor(contentType);
  return template.replace(PLACEHOLDER, (found, name: string) => {
    const value = values[name.trim()];
    return value === undefined ? found : escape(wellFormed(value(message, sender)));
  });
}

/** What is wrong with a template, a sentence without its subject; null when nothing is. */
export function templateProblem(template: string, contentType: string): string | null {
  const names = Array.from(template.matchAll(PLACEHOLDER), ([, name = '']) => name.trim());
  const unknown = names.find((name) => !placeholders.includes(name));
  if (unknown !== undefined)
    return `there is no placeholder {{${unknown}}}; there are ${placeholders.map((name) => `{{${name}}}`).join(', ')}`;
  if (names.length === 0)
    return 'has no placeholder, so every message would be the same; write {{text}} or {{summary}}';
  if (!isJson(contentType)) return null;
  try {
    JSON.parse(renderTemplate(template, contentType, sample, { gateway: 'gateway', link: 'https://localhost/' }));
    return null;
  } catch {
    return 'is not JSON once its placeholders are filled in; put double quotes around each of them, and look for a comma too many';
  }
}

/** A surrogate without its other half can be neither sent nor percent-encoded. */
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\ufffd');

function escaperFor(contentType: string): (value: string) => string {
  if (isJson(contentType)) return (value) => JSON.stringify(value).slice(1, -1);
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return encodeURIComponent;
  return (value) => value;
}

/** No value of it is JSON by itself, so that a placeholder without quotes is noticed. */
const sample: Message = {
  event: 'trouble',
  test: true,
  name: 'a "name"',
  path: '/path',
  status: {
    state: 'unhealthy',
    reason: 'kpow-error-state',
    detail: 'says "no"',
    advice: ['Restart it.'],
    since: new Date(0),
    latency: null,
    checkedAt: null,
  },
  since: new Date(0),
  until: null,
  lasted: 1000,
};
