import { Document, isMap, isSeq } from 'yaml';
import { adviceFor, isNotNeeded } from './advice';
import type { Converted } from './convert';
import type { Directive } from './directives';

export interface Written {
  readonly text: string;
  /** How many directives a comment tells of. */
  readonly remarks: number;
}

/** The text of a gateway.yaml, with a comment for every directive that it does not hold. */
export function writeYaml(converted: Converted, directives: readonly Directive[], main: string): Written {
  const { config, locations } = converted;
  const found = accountOf(converted, directives);
  const document = new Document(plainDollars(config));
  const mounts = document.get('mounts');
  for (const [index, item] of (isSeq(mounts) ? mounts.items : []).entries()) {
    const own = found.remarks.filter(({ within }) => within === locations[index]).map(({ text }) => ` ${text}`);
    if (own.length > 0 && isMap(item)) item.commentBefore = own.join('\n');
  }
  const rest = found.remarks.filter(({ within }) => within === null).map(({ text }) => text);
  const lines = [
    `Made from ${oneLine(main)} by kpow-gateway import-nginx. See whether it is right with: kpow-gateway check`,
    ...(rest.length > 0 ? ['', 'What could not be carried over:', ...rest] : []),
    ...(found.notNeeded.length > 0 ? ['', `Not needed here: ${found.notNeeded.join(', ')}`] : []),
  ];
  const head = lines.map((line) => `# ${line}`.trimEnd()).join('\n');
  return { text: `${head}\n\n${document.toString({ lineWidth: 0 })}`, remarks: found.remarks.length };
}

interface Remark {
  readonly text: string;
  /** The location of a mount that it stands in; null for none. */
  readonly within: Directive | null;
}

/** Every directive is carried over, told of, or not needed. */
function accountOf({ ledger, locations }: Converted, directives: readonly Directive[]) {
  const remarks: Remark[] = [];
  const notNeeded: string[] = [];
  const mounted = new Set(locations);
  const walk = (block: readonly Directive[], within: Directive | null): void => {
    for (const directive of block) {
      const { name, args, file, line } = directive;
      const place = mounted.has(directive) ? directive : within;
      const fate = ledger.fateOf(directive);
      const advice = fate
        ? fate.remark
        : isNotNeeded(name)
          ? null
          : name === 'location'
            ? nowhere(directive)
            : adviceFor(name);
      if (advice !== null)
        remarks.push({
          text: `${oneLine(`${file}:${line}: ${[name, ...args].join(' ')}`)}: ${oneLine(advice, 400)}`,
          within: place,
        });
      else if (!fate && directive.block === null) notNeeded.push(oneLine(`${name} (${file}:${line})`));
      if (directive.block !== null && fate?.whole !== true && !opaque.has(name)) walk(directive.block, place);
    }
  };
  walk(directives, null);
  return { remarks, notNeeded };
}

/** Blocks that are told of, or not needed, as a whole. */
const opaque = new Set(['events', 'types', 'map', 'geo', 'split_clients', 'stream', 'mail', 'if', 'limit_except']);

/** A location without a mount: what stands in it is told of, unless there is nothing. */
function nowhere({ block }: Directive): string | null {
  return block?.some(({ name }) => adviceFor(name) !== adviceFor('') || name === 'location') === true
    ? null
    : 'is left out: it passes nothing on to a tool';
}

function oneLine(text: string, most = 160): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u{feff}]/gu, ' ');
  return line.length > most ? `${line.slice(0, most - 3)}...` : line;
}

/** A dollar sign would be the beginning of a variable. */
function plainDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(plainDollars);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainDollars(each)]));
}
