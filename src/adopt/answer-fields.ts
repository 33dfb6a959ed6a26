import { originText } from '../headers/forwarded';
import { fixLocation, type AnswerContext } from '../headers/location';
import type { RawHeaders } from '../headers/raw';
import { valuesOf } from '../headers/raw';
import { isUnderPublicBase, publicBase } from '../mount/mount';
import type { BodyKind } from './body-kind';
import { adoptedTag } from './entity-tags';
import { movedPolicy, widened, type ScriptFacts, type ScriptPass } from './policy';

/** What a tool's answer is to become. */
export interface AdoptedAnswer {
  readonly context: AnswerContext;
  /** null where the body stays as it is. */
  readonly kind: BodyKind | null;
  /** Whether the answer's tag is that of a rewritten body. */
  readonly tagged: boolean;
  /** Set for a document. */
  readonly pass: ScriptPass | null;
  readonly script: ScriptFacts;
  /** Whether the request had no mount in its path: what answers it is for this page alone. */
  readonly escaped: boolean;
}

/** Fields that are only true of the body as the tool sent it, in lower case (RFC 9110 §8.6, §14.3; RFC 9530). */
const ofTheBody = new Set([
  'content-length',
  'accept-ranges',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
]);

type Fix = (value: string, answer: AdoptedAnswer) => string;

const moved: Fix = (value, { context }) => fixLocation(value, context);

/** Those that `inboundFields` does not know: Location, Refresh, cookies and a worker's scope are its own. */
const fixes: Readonly<Record<string, Fix>> = {
  link: (value, answer) => inAngles(value, (url) => moved(url, answer)),
  sourcemap: moved,
  'x-sourcemap': moved,
  'speculation-rules': (value, answer) => inQuotes(value, (url) => moved(url, answer)),
  'reporting-endpoints': (value, answer) => inQuotes(value, (url) => moved(url, answer)),
  'content-security-policy': policy,
  'content-security-policy-report-only': policy,
};

/** The tool's fields with its URLs under the prefix and true of the body as the client gets it. */
export function adoptedAnswerFields(raw: RawHeaders, answer: AdoptedAnswer): string[] {
  const out: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = adoptedAnswerValue(name, raw[i + 1] ?? '', answer);
    if (value !== null) out.push(name, value);
  }
  return out;
}

/** @returns null for a field that ends here */
export function adoptedAnswerValue(name: string, value: string, answer: AdoptedAnswer): string | null {
  const lower = name.toLowerCase();
  if (answer.kind !== null && ofTheBody.has(lower)) return null;
  // It is never kept: the gateway says that itself.
  if (answer.escaped && (lower === 'cache-control' || lower === 'expires')) return null;
  if (lower === 'etag') return answer.tagged ? adoptedTag(value) : value;
  const fix = Object.hasOwn(fixes, lower) ? fixes[lower] : undefined;
  return fix ? fix(value, answer) : value;
}

function policy(value: string, { context, pass, script }: AdoptedAnswer): string {
  const own = movedPolicy(value, (url) => publicSource(url, context));
  return pass ? widened(own, script, pass) : own;
}

/** A source with a path (CSP3 §2.3.1), which must name a host; of a report's address a path alone is enough. */
function publicSource(url: string, context: AnswerContext): string {
  if (url.startsWith('/') && !url.startsWith('//')) return fixLocation(url, context);
  const { mount, origin, host } = context;
  const [, before = '', authority = '', path = ''] = /^((?:(?:https?|wss?):)?(?:\/\/)?)([^/]+)(\/.*)$/i.exec(url) ?? [];
  const isHere = [origin.authority, host].some((one) => one.toLowerCase() === authority.toLowerCase());
  return isHere && !isUnderPublicBase(mount, path) ? before + authority + publicBase(mount) + path : url;
}

/** Link (RFC 8288 §3): the targets in angle brackets. */
function inAngles(value: string, fix: (url: string) => string): string {
  return value.replace(/<([^<>]*)>/g, (_, url: string) => `<${fix(url)}>`);
}

/** Structured strings (RFC 9651 §3.3.3) that are URLs. */
function inQuotes(value: string, fix: (url: string) => string): string {
  return value.replace(/"([^"\\]*)"/g, (_, url: string) => `"${fix(url)}"`);
}

/** The policies of an answer, those included that are only reported about. */
export function policiesOf(raw: RawHeaders): string[] {
  return [...valuesOf(raw, 'content-security-policy'), ...valuesOf(raw, 'content-security-policy-report-only')];
}

/** The run-time script's address, as a policy names it. */
export function scriptUrl({ origin }: Pick<AnswerContext, 'origin'>, path: string): string {
  return originText(origin) + path;
}
