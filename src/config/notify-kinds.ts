import { parseUrl } from '../parse-url';
import { Refusal, type Kind } from './kinds';
import { show } from './problem';

/*
 * The kinds of value that only `notify` has. A receiver's address is a secret: no message quotes it.
 */

/** An address whose path may be a secret; read as `off`, or a URL as text. */
export const receiverUrl: Kind<string> = {
  title: 'URL or `off`',
  json: { anyOf: [{ enum: ['off', false] }, { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://' }] },
  example: 'https://hooks.slack.com/services/...',
  read(value) {
    if (value === 'off' || value === false) return 'off';
    if (typeof value !== 'string') return new Refusal(`${show(value)} is not a URL; write one, or off`);
    const problem = urlProblem(value);
    return problem === null ? value.trim() : new Refusal(problem);
  },
};

export const linkUrl: Kind<string> = {
  title: 'URL',
  json: { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://' },
  example: 'https://tools.example.com/',
  read(value) {
    if (typeof value !== 'string')
      return new Refusal(`${show(value)} is not a URL; write one such as https://tools.example.com/`);
    const problem = urlProblem(value);
    return problem === null ? new URL(value).href : new Refusal(problem);
  },
};

function urlProblem(value: string): string | null {
  const text = value.trim();
  if (/[\s\p{Cc}]/u.test(text)) return 'has a space or line break in it; take it out';
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'has no scheme; write https:// before it';
  if (!/^https?:/i.test(text)) return 'is neither https:// nor http://; write one of these';
  return parseUrl(text) ? null : 'is not a URL; copy it from the receiver again';
}

const TEMPLATE_LIMIT = 16 * 1024;

export const template: Kind<string> = {
  title: 'text',
  json: { type: 'string' },
  example: '{"text": "{{summary}}"}',
  read(value) {
    if (typeof value === 'object')
      return new Refusal('is a mapping or list; write it as a text, behind a | and indented');
    if (typeof value !== 'string') return new Refusal(`${show(value)} is not a text; put quotes around it`);
    if (value.length > TEMPLATE_LIMIT)
      return new Refusal(`is ${value.length} characters long; write at most ${TEMPLATE_LIMIT}`);
    return value;
  },
};

/** Only those whose escaping is known: a placeholder must not be able to change the structure of a body. */
export const mediaType: Kind<string> = {
  title: 'media type',
  json: { type: 'string' },
  example: 'application/json',
  read(value) {
    const known =
      /^(application\/([\w.-]+\+)?json|application\/x-www-form-urlencoded|text\/plain)(; ?charset=utf-8)?$/i;
    if (typeof value === 'string' && known.test(value)) return value;
    return new Refusal(
      `${show(value)} does not fit here; write application/json, application/x-www-form-urlencoded or text/plain`,
    );
  },
};
