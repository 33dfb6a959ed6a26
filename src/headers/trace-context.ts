import { valuesOf, type RawHeaders } from './raw';
import { withoutEnd } from '../without-end';

/*
 * W3C Trace Context: `traceparent` and `tracestate`, read and written. https://www.w3.org/TR/trace-context/ (Level 1),
 * and of Level 2 the random flag, which is passed on as it came.
 */

/** Where a request comes from in a trace. */
export interface TraceParent {
  /** 32 and 16 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  /** Whether the id's last 7 bytes are random (Level 2 §3.2.2.5). */
  readonly random: boolean;
}

export interface TraceContext extends TraceParent {
  /** '' where there is none, or none that can be read. */
  readonly tracestate: string;
}

/** Fields that belong to the trace, in lower case: written anew where the gateway takes part in it. */
export const traceFieldNames: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

const parentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads one `traceparent` (§3.2). A later version than 00 may have more behind its flags (§4.3); what it means is not
 * known here, so it is read as 00 and not passed on.
 * @returns null for what is none
 */
export function parseTraceparent(value: string): TraceParent | null {
  const [, version = '', traceId = '', spanId = '', flags = '', more] = parentPattern.exec(value) ?? [];
  if (traceId === '' || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const bits = parseInt(flags, 16);
  return { traceId, spanId, sampled: (bits & 1) === 1, random: (bits & 2) === 2 };
}

export function formatTraceparent({ traceId, spanId, sampled, random }: TraceParent): string {
  return `00-${traceId}-${spanId}-0${String((sampled ? 1 : 0) + (random ? 2 : 0))}`;
}

/** §3.3.1.3 */
const mostMembers = 32;
/** What has to be passed on at least (§3.3.1.5), and is at most. */
const longestState = 512;
/** Entries above this length are the first to go (§3.3.1.5). */
const longEntry = 128;

const memberPattern =
  /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Reads `tracestate`, all its lines as one list (§3.3.1). One that cannot be read is nothing; one that is too long
 * loses whole members: the long ones first, then the oldest, which stand last.
 * @param values of the field's lines, in order
 */
export function readTracestate(values: readonly string[]): string {
  let members = values
    .flatMap((value) => value.split(','))
    .map((member) => withoutEnd(member.replace(/^[ \t]+/, ''), ' \t'))
    .filter((member) => member !== '');
  if (members.length > mostMembers || !members.every((member) => memberPattern.test(member))) return '';
  if (members.join(',').length > longestState) members = members.filter((member) => member.length <= longEntry);
  while (members.join(',').length > longestState) members.pop();
  return members.join(',');
}

/** The trace that a request says it belongs to; null where it says nothing, or nothing that can be read (§4.2). */
export function readTraceContext(raw: RawHeaders): TraceContext | null {
  const [value, another] = valuesOf(raw, 'traceparent');
  const parent = value === undefined || another !== undefined ? null : parseTraceparent(value);
  return parent && { ...parent, tracestate: readTracestate(valuesOf(raw, 'tracestate')) };
}

/** The two fields as a raw header list. */
export function traceFields(context: TraceContext): string[] {
  const fields = ['traceparent', formatTraceparent(context)];
  if (context.tracestate !== '') fields.push('tracestate', context.tracestate);
  return fields;
}
