import { withoutEnd } from '../without-end';

/** Content Security Policies (CSP3 §2.2) of a tool, and what the run-time script needs of them. */

interface Directive {
  readonly name: string;
  readonly sources: readonly string[];
  /** As it stood. */
  readonly text: string;
}

/** What one script from the gateway needs to run under a tool's policies. */
export interface ScriptFacts {
  /** The script's absolute URL. */
  readonly url: string;
  /** A hash source for a script element that names it in `integrity` (CSP3 §8.4): `'sha256-...'`. */
  readonly hash: string;
}

/** How policies let the run-time script in. */
export interface ScriptPass {
  /** The policies' nonce, which the script's element then has; null where none is needed. */
  readonly nonce: string | null;
  /** Whether a policy takes scripts by their hash alone, which the element then has to name. */
  readonly hashed: boolean;
  /** Whether scripts that stand in the page itself run too, as the script's import map does. */
  readonly inline: boolean;
}

const withNonce = /^'nonce-([A-Za-z0-9+/_-]+={0,2})'$/i;
const withHash = /^'sha(?:256|384|512)-/i;

/**
 * @param policies the values of Content-Security-Policy and Content-Security-Policy-Report-Only, each of which may hold
 * several policies (CSP3 §3.1)
 */
export function passThrough(policies: readonly string[]): ScriptPass {
  const lists = policies.flatMap((value) => value.split(',')).flatMap((policy) => governing(parse(policy)) ?? []);
  const [first = null] = lists.map(nonceIn).filter((nonce) => nonce !== null);
  const inline = lists.every((directive) => {
    const nonce = nonceIn(directive);
    return nonce === null ? letsInlineIn(directive) : nonce === first;
  });
  return { nonce: first, hashed: lists.some((sources) => isByHash(sources, first)), inline };
}

/**
 * A policy that lets the run-time script in, and nothing else that it did not before.
 * @param value of Content-Security-Policy or Content-Security-Policy-Report-Only
 * @param pass as the page's element has it
 */
export function widened(value: string, script: ScriptFacts, pass: ScriptPass): string {
  return value
    .split(',')
    .map((policy) => withTrustedTypes(widenedPolicy(policy, script, pass)))
    .join(',');
}

/**
 * A policy whose sources and report addresses are the public ones.
 * @param fixed a URL with a path, as the browser must ask for it
 */
export function movedPolicy(value: string, fixed: (url: string) => string): string {
  return value
    .split(/([\s;,]+)/)
    .map((part) => (part.includes('/') && !part.startsWith("'") ? fixed(part) : part))
    .join('');
}

function widenedPolicy(policy: string, script: ScriptFacts, { nonce }: ScriptPass): string {
  const directives = parse(policy);
  const governs = governing(directives);
  if (!governs || lets(governs.sources, script.url, nonce)) return policy;
  const { name, sources } = governs;
  const needed = isByHash(governs, nonce) ? script.hash : script.url;
  const wanted = [...withoutNone(sources), needed];
  if (name === 'default-src') return `${withoutEnd(policy, '; \t\n\f\r')}; script-src ${wanted.join(' ')}`;
  return replaced(directives, governs, wanted);
}

/** The script makes the markup that it maps trusted again (Trusted Types §4.2.2) by a policy of this name. */
function withTrustedTypes(policy: string): string {
  const directives = parse(policy);
  const types = directives.find(({ name }) => name === 'trusted-types');
  if (!types || types.sources.includes('*')) return policy;
  return replaced(directives, types, [...withoutNone(types.sources), 'kpow-gateway']);
}

const withoutNone = (sources: readonly string[]): string[] =>
  sources.filter((source) => source.toLowerCase() !== "'none'");

function replaced(directives: readonly Directive[], one: Directive, sources: readonly string[]): string {
  const before = /^\s*/.exec(one.text)?.[0] ?? '';
  return directives.map((each) => (each === one ? `${before}${one.name} ${sources.join(' ')}` : each.text)).join(';');
}

/** The directive that a script element has to obey (CSP3 §6.8.3); null where none does. */
function governing(directives: readonly Directive[]): Directive | null {
  for (const wanted of ['script-src-elem', 'script-src', 'default-src']) {
    const found = directives.find(({ name }) => name === wanted);
    if (found) return found;
  }
  return null;
}

/** With 'strict-dynamic' addresses mean nothing (CSP3 §6.7.2.3). */
function isByHash({ sources }: Directive, nonce: string | null): boolean {
  return has(sources, "'strict-dynamic'") && !sources.includes(`'nonce-${nonce ?? ''}'`);
}

function has(sources: readonly string[], keyword: string): boolean {
  return sources.some((source) => source.toLowerCase() === keyword);
}

/** Whether sources let a script of this site in already. */
function lets(sources: readonly string[], url: string, nonce: string | null): boolean {
  if (nonce !== null && sources.includes(`'nonce-${nonce}'`)) return true;
  const plain = sources.map((source) => source.toLowerCase());
  if (plain.includes("'strict-dynamic'")) return false;
  const scheme = url.slice(0, url.indexOf(':') + 1);
  return plain.some((source) => source === "'self'" || source === '*' || source === scheme);
}

function nonceIn({ sources }: Directive): string | null {
  for (const source of sources) {
    const nonce = withNonce.exec(source)?.[1];
    if (nonce !== undefined) return nonce;
  }
  return null;
}

/** CSP3 §6.7.3.2: a nonce, a hash or strict-dynamic takes 'unsafe-inline' out of force. */
function letsInlineIn({ sources }: Directive): boolean {
  if (has(sources, "'strict-dynamic'") || sources.some((source) => withNonce.test(source) || withHash.test(source)))
    return false;
  return has(sources, "'unsafe-inline'");
}

/** The first of each name counts (CSP3 §2.2.1). */
function parse(policy: string): Directive[] {
  return policy.split(';').map((text) => {
    const [name = '', ...sources] = text.trim().split(/[\t\n\f\r ]+/);
    return { name: name.toLowerCase(), sources, text };
  });
}
