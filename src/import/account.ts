import { adviceFor, isNotNeeded } from './advice';
import type { Converted } from './convert';
import type { Directive } from './directives';

export interface Remark {
  readonly text: string;
  /** The location of a mount that it stands in; null for none. */
  readonly within: Directive | null;
}

interface Told {
  readonly directive: Directive;
  readonly advice: string;
  readonly within: Directive | null;
}

/** Every directive is carried over, told of, or not needed. */
export function accountOf({ ledger, sources }: Converted, directives: readonly Directive[]) {
  const told: Told[] = [];
  const notNeeded: string[] = [];
  const mounted = new Set(sources.map(({ location }) => location));
  const walk = (block: readonly Directive[], within: Directive | null): void => {
    for (const directive of block) {
      const { name, file, line } = directive;
      const place = mounted.has(directive) ? directive : within;
      const fate = ledger.fateOf(directive);
      const advice = fate
        ? fate.remark
        : isNotNeeded(name)
          ? null
          : name === 'location'
            ? nowhere(directive)
            : adviceFor(name);
      if (advice !== null) told.push({ directive, advice, within: place });
      else if (!fate && directive.block === null) notNeeded.push(oneLine(`${name} (${file}:${line})`));
      if (directive.block !== null && fate?.whole !== true && !opaque.has(name)) walk(directive.block, place);
    }
  };
  walk(directives, null);
  return { remarks: folded(told), notNeeded };
}

/** Blocks that are told of, or not needed, as a whole. */
const opaque = new Set(['events', 'types', 'map', 'geo', 'split_clients', 'stream', 'mail', 'if', 'limit_except']);

/** Directives that are of one protocol, and go with its `..._pass`. */
const family = /^(fastcgi|uwsgi|scgi|grpc|memcached)_/;

/** So many are told of one by one, since each may be about something else. */
const mostApart = 5;

/** What is said alike of directives in a row is said once, as of the 25 that come with one `include fastcgi_params`. */
function folded(told: readonly Told[]): Remark[] {
  const groups: Told[][] = [];
  for (const each of told) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last && before && isAlike(before, each)) last.push(each);
    else groups.push([each]);
  }
  const few = (group: readonly Told[]) =>
    group.length <= mostApart && family.exec(group[0]?.directive.name ?? '') === null;
  return groups
    .flatMap((group) => (few(group) ? group.map((each) => [each]) : [group]))
    .map((group) => {
      const first = group.find(({ directive }) => directive.name.endsWith('_pass')) ?? group[0];
      if (first === undefined) return { text: '', within: null };
      const { directive, advice, within } = first;
      const more = group.length > 1 ? ` (and ${group.length - 1} more like it)` : '';
      return { text: `${placed(directive)}${more}: ${oneLine(advice, 400)}`, within };
    });
}

function isAlike(one: Told, other: Told): boolean {
  if (one.within !== other.within) return false;
  const [a, b] = [one, other].map(({ directive }) => family.exec(directive.name)?.[0]);
  if (a !== undefined && a === b) return true;
  return one.directive.name === other.directive.name && one.advice === other.advice && one.directive.block === null;
}

/** A location without a mount: what stands in it is told of, unless there is nothing. */
function nowhere({ block }: Directive): string | null {
  return block?.some(({ name }) => adviceFor(name) !== adviceFor('') || name === 'location') === true
    ? null
    : 'is left out: it passes nothing on to a tool';
}

/** A directive, with where it stands. */
export function placed({ name, args, file, line }: Directive): string {
  return oneLine(`${file}:${line}: ${[name, ...args.map((arg) => (arg === '' ? '""' : arg))].join(' ')}`);
}

export function oneLine(text: string, most = 160): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u{feff}]/gu, ' ');
  return line.length > most ? `${line.slice(0, most - 3)}...` : line;
}
