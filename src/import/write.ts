import { Document, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { accountOf, oneLine, placed } from './account';
import type { Converted, Source } from './convert';
import type { Directive } from './directives';

export interface Written {
  readonly text: string;
  /** How many comments tell of directives. */
  readonly remarks: number;
  /** How many of them tell of a protection that is not there any more. */
  readonly notInForce: number;
}

/** Nobody reads more above one mount. */
const mostLines = 100;

/** The text of a gateway.yaml, with a comment for every directive that it does not hold. */
export function writeYaml(converted: Converted, directives: readonly Directive[], main: string): Written {
  const { config, sources } = converted;
  const { remarks, notNeeded } = accountOf(converted, directives);
  const document = new Document(plainDollars(config));
  const mounts = document.get('mounts');
  let notInForce = 0;
  for (const [index, item] of (isSeq(mounts) ? mounts.items : []).entries()) {
    const source = sources[index];
    if (!source || !isMap(item)) continue;
    const own = remarks.filter(({ within }) => within === source.location).map(({ text }) => text);
    const gone = source.lost
      .slice(0, mostLines)
      .map(({ directive, remark }) => `${placed(directive)}: ${oneLine(remark, 400)}`);
    const more = source.lost[mostLines];
    if (more) gone.push(`${placed(more.directive)}: NOT IN FORCE, with ${source.lost.length - mostLines - 1} more`);
    notInForce += source.lost.length;
    const lines = [...gone, ...own];
    if (lines.length > 0) item.commentBefore = lines.map((line) => ` ${line}`).join('\n');
    tellHowToOpen(item, source);
  }
  const rest = remarks.filter(({ within }) => within === null).map(({ text }) => text);
  const lines = [
    `Made from ${oneLine(main)} by kpow-gateway import-nginx. See whether it is right with: kpow-gateway check`,
    ...(rest.length > 0 ? ['', 'What could not be carried over:', ...rest] : []),
    ...(notNeeded.length > 0 ? ['', `Not needed here: ${notNeeded.join(', ')}`] : []),
  ];
  const head = lines.map((line) => `# ${line}`.trimEnd()).join('\n');
  return {
    text: `${head}\n\n${document.toString({ lineWidth: 0 })}`,
    remarks: remarks.length + notInForce,
    notInForce,
  };
}

function tellHowToOpen(mount: YAMLMap, { opens }: Source): void {
  if (opens === null) return;
  const allow = mount.items.find(({ key }) => isScalar(key) && key.value === 'allow');
  if (!isScalar(allow?.key)) return;
  const value = opens === 'any' ? 'any' : JSON.stringify(opens).replaceAll(',', ', ');
  allow.key.commentBefore = [
    ' Closed to everybody, since what is told of above guarded it. To open it, put this in the place of the next line:',
    ` allow: ${value}`,
  ].join('\n');
}

/** A dollar sign would be the beginning of a variable. */
function plainDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(plainDollars);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainDollars(each)]));
}
