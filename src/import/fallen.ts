import { mountPathProblem } from '../config/mount-path';
import { isUnder } from '../mount/path';
import type { Directive } from './directives';
import { beyond, guardsOf, lost, type Guards, type Lost } from './guards';
import type { Ledger } from './ledger';
import { guardingHeaders, placeOf, type MountInput, type Place, type Surroundings } from './location';
import { mayFit, pathsOf } from './patterns';
import type { Scope } from './scope';
import { withoutEnd } from '../without-end';

/** A mount, and the location that it is made from. */
export interface Origin {
  readonly mount: MountInput;
  readonly location: Directive;
  /** The locations around it, the outermost first, and itself. */
  readonly chain: readonly Directive[];
  readonly guards: Guards;
  /** What protected it in nginx and does not here. */
  readonly lost: Lost[];
}

/** A location that no mount is made from. */
export interface Left {
  readonly location: Directive;
  readonly scope: Scope;
  /** Those around it, and itself. */
  readonly chain: readonly Directive[];
  /** Whether nginx refused all that was asked for there. */
  readonly refuses: boolean;
  /** The named locations that it hands requests on to. */
  readonly next: readonly Scope[];
}

/** Where an authority looks for the answer to its challenge (RFC 8555 §8.3), which certbot lays down as a file. */
export function isForAcme(path: string): boolean {
  return path.replaceAll('\\', '').includes('/.well-known/acme-challenge');
}

const withoutSlash = (path: string) => withoutEnd(path, '/') || '/';
const named = ({ mount, location }: Origin) => `${mount.path} (line ${location.line})`;

/** The mount that a path falls to. */
function coverOf(path: string, origins: readonly Origin[], except?: Origin): Origin | undefined {
  return origins
    .filter((each) => each !== except && isUnder(path, each.mount.path))
    .sort((a, b) => b.mount.path.length - a.mount.path.length)[0];
}

/** The mounts that a pattern was asked before, since nginx tries patterns after it knows the longest plain location. */
function fittedBy({ modifier, path }: Place, around: readonly Directive[], origins: readonly Origin[]): Origin[] {
  return origins.filter(({ chain, mount }) => {
    if (!around.every((location, index) => chain[index] === location)) return false;
    const beside = chain[around.length];
    const kept = beside && ['^~', '='].includes(placeOf(beside).modifier);
    return kept !== true && mayFit(path, modifier === '~*', mount.path);
  });
}

/**
 * Says where requests go now that nginx served otherwise or not at all, and sees to it that nobody gets further there
 * than nginx let him.
 */
export function settle(left: readonly Left[], origins: readonly Origin[], around: Surroundings): void {
  for (const each of left) {
    const place = placeOf(each.location);
    // The gateway answers an authority's challenges itself.
    if (place.modifier === '@' || (!each.refuses && isForAcme(place.path))) continue;
    if (place.modifier === '~' || place.modifier === '~*') settlePattern(each, place, origins, around);
    else settlePath(each, place, origins, around);
  }
}

function settlePattern(left: Left, place: Place, origins: readonly Origin[], around: Surroundings): void {
  const { ledger } = around;
  const { location, chain, refuses } = left;
  const fitted = fittedBy(place, chain.slice(0, -1), origins);
  const paths = pathsOf(place.path);
  const guarded = fitted.filter((origin) => refuses || more(left, origin, around).length > 0);
  if (paths !== null && guarded.length > 0) {
    for (const path of paths) guardPath(path, left, false, origins, around);
    return;
  }
  for (const origin of guarded)
    origin.lost.push(
      lost(
        location,
        refuses
          ? 'the gateway knows no patterns; write the paths that nginx refused in deny of the mount'
          : `the gateway knows no patterns, so that what nginx took here falls to this mount, without ${shown(more(left, origin, around))}`,
      ),
    );
  if (guarded.length > 0 || (refuses && fitted.length === 0)) {
    ledger.closed(location);
    return;
  }
  const where =
    fitted.length === 0
      ? 'what it took gets 404 now'
      : `what it took falls to the mount ${fitted.slice(0, 5).map(named).join(', or ')} now${fitted.length > 5 ? ', or another' : ''}`;
  ledger.add(location, where, 'is left out: the gateway knows no patterns');
}

function settlePath(each: Left, place: Place, origins: readonly Origin[], around: Surroundings): void {
  const { ledger } = around;
  const { location, refuses } = each;
  const path = withoutSlash(place.path);
  const cover = coverOf(path, origins);
  if (cover === undefined) {
    if (refuses) ledger.closed(location);
    return;
  }
  if (refuses || more(each, cover, around).length > 0) guardPath(path, each, place.modifier === '=', origins, around);
  else ledger.add(location, `what it took falls to the mount ${named(cover)} now`, 'is left out');
  if (refuses && place.modifier !== '=' && !place.path.endsWith('/'))
    ledger.remark(location, `nginx refused ${place.path}x as well; the gateway denies whole segments`, true);
}

/** Keeps everybody from a path that nginx guarded and that no mount of its own serves. */
function guardPath(path: string, left: Left, exact: boolean, origins: readonly Origin[], around: Surroundings): void {
  const { ledger } = around;
  const { location, refuses } = left;
  const cover = coverOf(path, origins);
  ledger.closed(location);
  if (cover === undefined) return;
  const { mount } = cover;
  const guarding = more(left, cover, around);
  if (path === mount.path) {
    // `= /kpow` beside a mount that its bare path only redirects into.
    if (exact && path !== '/' && !placeOf(location).path.endsWith('/') && mount.trailingSlash !== 'pass') return;
    const why = refuses ? "nginx refused the mount's own path" : `guarded the mount's own path: ${shown(guarding)}`;
    cover.lost.push(lost(location, `${why}; write what is below it in deny of the mount, or take the mount out`));
    return;
  }
  if (!deny(mount, path)) {
    cover.lost.push(lost(location, 'its path cannot be written in deny of the mount; see what is below it'));
    return;
  }
  if (refuses) return;
  const guards = shown(guarding);
  // What nginx served by itself is gone with what guarded it.
  const blocks = [location.block ?? [], ...left.next.map(({ levels }) => levels[0] ?? [])];
  if (!blocks.some((block) => block.some(({ name }) => name.endsWith('_pass'))))
    ledger.add(
      location,
      `its path is denied in the mount ${named(cover)}, since nginx guarded it: ${guards}`,
      'is left out',
    );
  else
    cover.lost.push(
      lost(location, `it is left out, and with it ${guards}; its path is closed (deny of the mount)`, false),
    );
}

/** @returns whether `deny` can hold it */
function deny(mount: MountInput, path: string): boolean {
  const inside = mount.path === '/' ? path : path.slice(mount.path.length);
  if (mountPathProblem(inside.replace(/^\/-(?=\/|$)/, '/x')) !== null) return false;
  const paths = Array.isArray(mount.deny) ? (mount.deny as string[]) : [];
  if (!paths.includes(inside)) mount.deny = [...paths, inside];
  return true;
}

/** What guards a place beyond what guards the mount. */
function more({ scope, next }: Left, origin: Origin, around: Surroundings): Directive[] {
  const there = new Set(origin.lost.map(({ directive }) => directive));
  const found = [scope, ...next].flatMap((place) => [
    ...beyond(guardsOf(place, around), origin.guards),
    ...guardingHeaders(place, around),
  ]);
  return [...new Set(found)].filter((each) => !there.has(each));
}

const shown = (directives: readonly Directive[]) =>
  directives.map(({ name, line }) => `${name} (line ${line})`).join(', ');

/** What nginx rewrote to a location that refuses, by path alone, reaches the tool now. */
export function guardRewrites(server: Scope, left: readonly Left[], origins: readonly Origin[]): void {
  const refusing = new Set(left.filter(({ refuses }) => refuses).map(({ location }) => location));
  if (refusing.size === 0) return;
  const places = [...left, ...origins]
    .map(({ location }) => ({ location, ...placeOf(location) }))
    .filter(({ modifier }) => ['', '=', '^~'].includes(modifier));
  const isRefused = ({ rewrite: { args } }: Rewrite) => {
    const [, to = '', flag = ''] = args;
    const path = to.split(/[?$]/, 1)[0] ?? '';
    const [found] = places
      .filter(({ modifier, path: begin }) => (modifier === '=' ? path === begin : path.startsWith(begin)))
      .sort((one, other) => (rankOf(one) < rankOf(other) ? 1 : -1));
    return ['', 'last', 'break'].includes(flag) && found !== undefined && refusing.has(found.location);
  };
  const ofServer = rewritesIn(server.levels[0] ?? []).filter(isRefused);
  for (const { location, mount, guards, lost: gone } of origins) {
    // In a location, `break` stays there.
    const own = rewritesIn(location.block ?? []).filter(({ rewrite }) => rewrite.args[2] !== 'break');
    for (const { rewrite, condition } of [...ofServer, ...own.filter(isRefused)]) {
      const isToldOf = condition !== null && guards.inForce.has(condition);
      if (isToldOf || !mayFit(rewrite.args[0] ?? '', false, mount.path)) continue;
      gone.push(lost(rewrite, 'nginx refused what it leads to; write the paths that it takes in deny of the mount'));
    }
  }
}

interface Rewrite {
  readonly rewrite: Directive;
  /** The `if` that it stands in. */
  readonly condition: Directive | null;
}

function rewritesIn(block: readonly Directive[], condition: Directive | null = null): Rewrite[] {
  return block.flatMap((directive) => {
    if (directive.name === 'rewrite') return [{ rewrite: directive, condition }];
    return directive.name === 'if' ? rewritesIn(directive.block ?? [], directive) : [];
  });
}

/** nginx takes the same path first, then the longest beginning. */
const rankOf = ({ modifier, path }: Place) => (modifier === '=' ? Infinity : path.length);

/**
 * A mount in another that is less guarded: nginx tidies a path up before it looks for a location, the gateway looks for
 * a mount as the path stands. `//admin` is the outer mount's, whose tool may take it for `/admin`.
 */
export function guardInner(origins: readonly Origin[], ledger: Ledger): void {
  for (const origin of origins) {
    const isExact = placeOf(origin.location).modifier === '=';
    if (isExact && origin.mount.path === '/')
      origin.lost.push(
        lost(
          origin.location,
          'nginx passed on this one path, and the mount takes all paths; write a mount for each path that is meant',
        ),
      );
    const cover = coverOf(origin.mount.path, origins, origin);
    if (cover === undefined) continue;
    const below = beyond(cover.guards, origin.guards);
    if (isExact && below.length > 0)
      origin.lost.push(
        lost(
          origin.location,
          `the mount also takes what is below this path, which ${shown(below)} guarded; take the mount out, or write what is below it in deny`,
        ),
      );
    if ((beyond(origin.guards, cover.guards).length > 0 || origin.lost.length > 0) && sharesTool(origin, cover))
      deny(cover.mount, origin.mount.path);
    if (beyond(origin.guards, cover.guards).length > 0 && !isExact && !placeOf(origin.location).path.endsWith('/'))
      ledger.remark(
        origin.location,
        `nginx guarded ${placeOf(origin.location).path}x as well, which falls to the mount ${named(cover)} now`,
      );
  }
}

/**
 * A tool that is served at the names of several servers: what guarded it at those of one guards it nowhere, since the
 * gateway serves every mount at every name.
 */
export function guardNames(servers: readonly (readonly Origin[])[], origins: readonly Origin[]): void {
  for (const origin of origins) {
    for (const mounts of servers) {
      const other = mounts.includes(origin) ? undefined : coverOf(origin.mount.path, mounts);
      if (other === undefined || !sharesTool(origin, other)) continue;
      const why = `guarded this tool at the names of its server, and the mount of line ${origin.location.line} is served at these too; import each server for itself (--server)`;
      const there = new Set(origin.lost.map(({ directive }) => written(directive)));
      const guarding = [...beyond(other.guards, origin.guards), ...other.lost.map(({ directive }) => directive)];
      for (const directive of guarding) if (!there.has(written(directive))) origin.lost.push(lost(directive, why));
      const [own, others] = [origin, other].map(({ mount }) => JSON.stringify([mount.path, mount.deny ?? []]));
      if (other.mount.deny !== undefined && own !== others)
        origin.lost.push(lost(other.location, `its server refused ${[other.mount.deny].flat().join(', ')}; ${why}`));
    }
  }
}

const written = ({ name, args }: Directive) => JSON.stringify([name, args]);

function sharesTool(one: Origin, other: Origin): boolean {
  const tools = authoritiesOf(other.mount);
  return authoritiesOf(one.mount).some((each) => tools.includes(each));
}

function authoritiesOf({ target }: MountInput): string[] {
  return [target].flat().map((each) => /^https?:\/\/[^/]+/.exec(each)?.[0] ?? '');
}
