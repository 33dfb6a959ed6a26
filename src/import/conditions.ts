import type { Directive } from './directives';

/** What an `if` asks. */
export interface Condition {
  /** With its `$`; of `-f` and its like, the name of the file. */
  readonly subject: string;
  /** Empty where the variable is to be neither empty nor 0. */
  readonly operator: string;
  readonly value: string;
}

/** What becomes of a request for which an `if` holds. */
export type Consequence =
  /** The tool hears nothing of it: 403 and its like. */
  | 'refused'
  /** It gets an answer of nginx, or goes elsewhere. */
  | 'turned away'
  /** It goes on as it was, for all that the gateway would notice. */
  | 'passed';

export function conditionOf({ args }: Directive): Condition | null {
  const text = args.join(' ').trim();
  if (!text.startsWith('(') || !text.endsWith(')')) return null;
  const inner = text.slice(1, -1).trim();
  const [, test, file] = /^(!?-[fdex])\s(.*)$/s.exec(inner) ?? [];
  if (test !== undefined) return { subject: file?.trim() ?? '', operator: test, value: '' };
  const [, subject, rest = ''] = /^(\$\w+|\$\{\w+\})(.*)$/s.exec(inner) ?? [];
  if (subject === undefined) return null;
  const [, operator = '', value = ''] = /^(!?=|!?~\*?)(.*)$/s.exec(rest.trim()) ?? [];
  return { subject: subject.replace(/[{}]/g, ''), operator, value: value.trim() };
}

export function consequenceOf({ block }: Directive): Consequence {
  let found: Consequence = 'passed';
  for (const { name, args } of block ?? []) {
    if (name === 'return') return isRefusal(args) ? 'refused' : 'turned away';
    if (name === 'rewrite' || name.endsWith('_pass') || ['root', 'alias', 'try_files', 'index'].includes(name))
      found = 'turned away';
    if (isGuardByLua(name)) return 'refused';
  }
  return found;
}

/** The statuses by which nginx sends requests away: 4xx (444 closes the connection) and 5xx. */
export function isRefusal(args: readonly string[]): boolean {
  return /^[45]\d\d$/.test(args[0] ?? '');
}

/** Programs in Lua that may refuse, by the phases in which they run. */
export function isGuardByLua(name: string): boolean {
  return /^(access|rewrite|server_rewrite)_by_lua(_block|_file)?$/.test(name);
}

/** A name of each of these says no more than where a request goes, which is no secret of whoever sends it. */
const ofThePlace = new Set(
  [
    ...['scheme', 'https', 'host', 'http_host', 'server_name', 'server_port', 'http_x_forwarded_proto'],
    ...['uri', 'request_uri', 'document_uri', 'request_filename', 'http_upgrade', 'http_connection', 'request_method'],
  ].map((name) => `$${name}`),
);

/** Whether it asks for the place alone, such as `$host`, or for a file of nginx's that no key of the client names. */
export function asksForPlace(condition: Condition): boolean {
  return isOfFile(condition) || ofThePlace.has(condition.subject);
}

/** Whether it asks for a file, and not for `/keys/$arg_key`: that asks for what the client knows. */
export function isOfFile({ subject, operator }: Condition): boolean {
  if (!/^!?-/.test(operator)) return false;
  return [...subject.matchAll(/\$\{?(\w+)/g)].every(
    ([, name = '']) => ofThePlace.has(`$${name}`) || name === 'document_root' || name === 'realpath_root',
  );
}

/** The texts that a pattern such as `^(GET|HEAD)$` stands for; null where it is not that plain. */
export function alternatives(pattern: string): string[] | null {
  const bare = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const [, inside = bare] = /^\((?:\?:)?([^()]*)\)$/.exec(bare) ?? [];
  const texts = inside.split('|').map((text) => text.replace(/\\([.-])/g, '$1'));
  return texts.every((text) => /^[\w.-]+$/.test(text)) ? texts : null;
}
