import type { MountConfig } from '../../config/config';
import { originText } from '../../headers/forwarded';
import { inGateway, stepText, trailText, urlOf } from '../evidence';
import type { Finding } from '../finding';
import type { KnownTool } from '../known-tools';
import type { Look, Seen, Trail } from '../sight';
import { hostFinding, refusedFinding } from './refused';
import { symptomsOf, type Symptom } from '../symptoms';

/** A setting of the mount that may be the wrong one. */
export type Change = Partial<Pick<MountConfig, 'prefix' | 'forwardedPrefix' | 'trailingSlash' | 'host'>>;

/** The settings worth a try where something is wrong, the likeliest first. */
export function changesWorthATry({ mount, trail }: Look, symptoms: readonly Symptom[]): Change[] {
  const has = (...kinds: readonly Symptom['kind'][]) => symptoms.some(({ kind }) => kinds.includes(kind));
  const changes: Change[] = [];
  // Also at the root: some tools choose by Host, some refuse names that they do not know.
  const otherHost = { host: mount.host === 'target' ? 'client' : 'target' } as const;
  const isRefused = has('refused', 'missing') || isClosed(trail);
  if (isRefused || has('loop')) changes.push(otherHost);
  if (mount.path === '/') return changes;
  const paths = pathChanges(mount, has('loop'));
  if (has('loop', 'outside', 'missing', 'doubled', 'assets', 'escapes')) changes.push(...paths);
  // Behind a name that is refused nothing can be seen of the path.
  if (isRefused)
    changes.push(...paths.filter((change) => change.prefix).map((change) => ({ ...change, ...otherHost })));
  return changes;
}

/** Servers close upon names that they do not know as well: nginx with `return 444`. */
function isClosed({ steps }: Trail): boolean {
  const result = steps.at(-1)?.exchanged?.result;
  return result?.kind === 'failed' && result.error.code === 'UPSTREAM_CLOSED';
}

function pathChanges(mount: MountConfig, loops: boolean): Change[] {
  const changes: Change[] = [];
  if (mount.prefix === 'strip' && mount.forwardedPrefix) changes.push({ forwardedPrefix: false });
  if (mount.trailingSlash === 'redirect' && loops) changes.push({ trailingSlash: 'pass' });
  // With what goes along with it where nothing else is written.
  const { prefix } = mount;
  if (prefix === 'keep') changes.push({ prefix: 'strip', trailingSlash: 'redirect' });
  else changes.push({ prefix: 'keep', trailingSlash: 'pass' });
  // The last, since it rewrites what the others leave alone.
  if (prefix !== 'adopt') changes.push({ prefix: 'adopt', trailingSlash: 'redirect' });
  return changes;
}

/**
 * How good a page is: 2 is what people want to see, 1 a page that loads what is not under the mount, 0 none.
 */
export function wellness(look: Look, seen: Seen): 0 | 1 | 2 {
  const last = look.trail.steps.at(-1);
  const answered = look.trail.end === 'answered' || look.trail.end === 'elsewhere';
  const wellEnough = last !== undefined && (last.status < 400 || last.status === 401);
  const kinds = symptomsOf(look, seen).map(({ kind }) => kind);
  if (!answered || !wellEnough || kinds.some((kind) => kind !== 'links' && kind !== 'escapes')) return 0;
  return kinds.includes('escapes') ? 1 : 2;
}

export interface FrontPage {
  readonly look: Look;
  readonly seen: Seen;
  readonly tool: KnownTool | null;
  /** The change that helped, and what was seen with it; null where none did. */
  readonly cure: { readonly change: Change; readonly look: Look; readonly well: boolean } | null;
  /** The status of a refused page without the fields that a proxy adds; null where that was not asked. */
  readonly unproxied: number | null;
}

/** What is wrong with the front page: by the setting that cures it where one does, otherwise by what is seen. */
export function frontPageFindings({ look, seen, tool, cure, unproxied }: FrontPage): Finding[] {
  const symptoms = symptomsOf(look, seen);
  const setting = basePathSetting(look, seen, tool);
  if (cure) {
    const shown = symptoms.filter(({ kind }) => kind !== 'links').flatMap((symptom) => symptom.evidence);
    const evidence = shown.length === 0 ? trailText(look.trail) : shown;
    if (cure.change.host === undefined) return [cured(cure, evidence.slice(0, 6), look, setting)];
    // The page that comes then has faults of its own.
    const rest = frontPageFindings({ look: cure.look, seen, tool, cure: null, unproxied: null });
    return [hostFinding(look, cure.look, evidence.slice(0, 6), seen), ...rest];
  }
  const loads = symptoms.some(({ kind }) => kind === 'escapes');
  return symptoms
    .filter(({ kind }) => !(loads && kind === 'links'))
    .map((symptom) => uncured(symptom, { look, tool, unproxied }, setting));
}

/** How the tool is told where it is; null where that is not known. */
function basePathSetting(look: Look, { origin }: Seen, tool: KnownTool | null): string | null {
  if (look.mount.path === '/') return null;
  const url = urlOf(look, originText(origin));
  return tool?.basePath ? `${tool.name}: ${tool.basePath(url, look.mount.path)}` : null;
}

function cured(
  { change, look: after, well }: NonNullable<FrontPage['cure']>,
  evidence: readonly string[],
  { mount }: Look,
  setting: string | null,
): Finding {
  const [[name, value] = ['', '']] = Object.entries(change);
  const line = inGateway(`${name}: ${String(value)}`);
  const last = after.trail.steps.at(-1);
  const tried = last ? [`with ${name}: ${String(value)}, ${stepText(last)}`] : [];
  const finding = { severity: 'wrong', evidence: [...evidence, ...tried] } as const;
  if (change.forwardedPrefix === false)
    return {
      ...finding,
      title: 'The prefix is added twice',
      cause:
        'The tool puts X-Forwarded-Prefix in front of its addresses by itself, where it need not: the gateway does that, or the tool has it from a setting of its own.',
      fix: [line],
    };
  if (!change.prefix)
    return {
      ...finding,
      title: 'The gateway and the tool send people round in a circle',
      cause: `The tool takes the slash behind ${mount.path} away, and the gateway puts it there.`,
      fix: [line],
    };
  if (change.prefix === 'adopt')
    return {
      ...finding,
      title: `The page loads what is not under ${mount.path}`,
      cause: fromTheRoot,
      fix: [...(setting === null ? [] : [`${setting}; and ${inGateway('prefix: keep')}`]), line],
    };
  return change.prefix === 'keep'
    ? {
        ...finding,
        title: 'The prefix is taken off, and the tool wants it',
        cause: `The tool knows that it is at ${mount.path}: it answers there, and not without it.`,
        fix: [line],
      }
    : {
        ...finding,
        title: 'The prefix is left on, and the tool does not know it',
        cause: `The tool answers at its root, and has nothing at ${mount.path}.`,
        fix: [
          ...(setting === null ? [] : [`${setting} (and prefix: keep stays)`]),
          // Its page would still load what is not under the mount.
          well ? line : `${line}; and ${atRoot}`,
        ],
      };
}

const fromTheRoot = 'The tool writes addresses from the root, as though it were alone on its host.';

function uncured(
  { kind, evidence }: Symptom,
  { look, tool, unproxied }: Pick<FrontPage, 'look' | 'tool' | 'unproxied'>,
  setting: string | null,
): Finding {
  const { path, target } = look.mount;
  const fixes = setting === null ? [] : [`${setting}; and ${inGateway('prefix: keep')}`];
  switch (kind) {
    case 'loop':
      return {
        severity: 'wrong',
        title: 'A redirect loop',
        evidence,
        cause:
          'Each answer leads to the next, and none of them to a page. The tool takes this for another address than the one that it wants to be asked at.',
        fix: [
          ...(tool?.https
            ? [`${tool.name}: check its public address (${tool.https(`https://your-host${path}`)})`]
            : []),
          'Check the tool’s own public address: scheme, host name, port and path have to be those that people see.',
        ],
      };
    case 'outside':
      return {
        severity: 'wrong',
        title: 'A redirect leads out of the mount',
        evidence,
        cause:
          target.path === ''
            ? 'The tool sends people to an address that no mount has.'
            : `The tool sends people outside of ${target.path}, which is all of it that \`target\` serves.`,
        fix: [...fixes, 'Set the tool’s own base URL to the address that people see, with the path.'],
      };
    case 'missing':
      return {
        severity: 'note',
        title: 'There is no front page',
        evidence,
        cause: `It answers 404 ${path === '/' ? '' : 'with the prefix and without it, '}with the name that people use in Host and with its own. That may be all right for an API.`,
        fix: ['Look whether `target` has the right port, and needs a path of its own.'],
      };
    case 'refused':
      return refusedFinding(look, evidence, unproxied);
    case 'doubled':
      return {
        severity: 'wrong',
        title: `The base path is there twice: ${path}${path}`,
        evidence,
        cause: 'The tool has the path from two places, or adds it to addresses that have it already.',
        fix: [...fixes, 'Set the path in one place only: in the tool’s base path or in its public URL.'],
      };
    case 'assets':
      return {
        severity: 'wrong',
        title: 'Scripts or styles of the page are not there',
        evidence,
        cause:
          'The page names them where the tool has none: most often it does not agree with itself on its base path.',
        fix: [...fixes, `If the tool has no setting for its path: ${atRoot}`],
      };
    case 'escapes':
    case 'links':
      return {
        severity: kind === 'escapes' ? 'wrong' : 'warning',
        title: kind === 'escapes' ? `The page loads what is not under ${path}` : `Links of the page leave ${path}`,
        evidence,
        cause: fromTheRoot,
        fix: [
          ...fixes,
          ...(kind === 'links' && look.mount.prefix !== 'adopt' ? [inGateway('prefix: adopt')] : []),
          ...(setting === null && kind === 'escapes'
            ? [`Look for the tool’s base path or root URL setting; without one, ${atRoot}`]
            : []),
        ],
      };
  }
}

/** All that is left for a tool that not even `prefix: adopt` helps. */
const atRoot = 'it can only be at the root: `path: /`';

/** A mount that passes its bare path on, to a page whose relative addresses need the slash. */
export function slashFinding(bare: Look, front: Look): Finding[] {
  const [first] = bare.trail.steps;
  const relative = bare.urls.filter(({ url, loads }) => loads && !/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(url));
  const hasBase = bare.urls.some(({ tag }) => tag === 'base');
  if (bare.trail.steps.length !== 1 || first?.status !== 200 || hasBase || relative.length === 0) return [];
  if (front.trail.end !== 'answered') return [];
  return [
    {
      severity: 'wrong',
      title: 'It needs a slash behind its path',
      evidence: [
        ...trailText(bare.trail),
        `its page names ${relative[0]?.url ?? ''}, which is looked for beside ${bare.mount.path}`,
      ],
      cause: `At ${bare.mount.path} the page’s relative addresses lead to the gateway’s root.`,
      fix: [inGateway('trailingSlash: redirect')],
    },
  ];
}
