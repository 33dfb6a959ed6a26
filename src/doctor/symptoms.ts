import { adoptScript } from '../adopt/script';
import { originText } from '../headers/forwarded';
import { authorityOf } from '../headers/addresses';
import { isUnder } from '../mount/path';
import { parseUrl } from '../parse-url';
import { shortened, stepText, trailText, urlText } from './evidence';
import { textOf, typeOf } from './look';
import type { Look, Seen, Step } from './sight';

/** A fault as people meet it, whatever is behind it. */
export interface Symptom {
  readonly kind: 'loop' | 'outside' | 'missing' | 'refused' | 'doubled' | 'assets' | 'escapes' | 'links';
  readonly evidence: readonly string[];
}

/** What is wrong with a tool's front page, as it stands there. */
export function symptomsOf(look: Look, seen: Seen): Symptom[] {
  const { trail } = look;
  const last = trail.steps.at(-1);
  const symptoms: Symptom[] = [];
  const doubled = doublings(look);
  if (doubled.length > 0) symptoms.push({ kind: 'doubled', evidence: doubled });
  if (trail.end === 'loop') symptoms.push({ kind: 'loop', evidence: trailText(trail) });
  if (trail.end === 'outside') symptoms.push({ kind: 'outside', evidence: trailText(trail) });
  if (trail.end === 'answered' && last?.status === 404) symptoms.push({ kind: 'missing', evidence: trailText(trail) });
  if (trail.end === 'answered' && last && isRefused(last))
    symptoms.push({ kind: 'refused', evidence: refusalEvidence(look) });
  const broken = look.assets.filter(
    (step) => step.status === 404 || (step.status === 200 && typeOf(step).includes('html')),
  );
  if (broken.length > 0) {
    const evidence = broken.map((step) => `${stepText(step)}${step.status === 200 ? ', and it is a page' : ''}`);
    symptoms.push({ kind: 'assets', evidence });
  }
  const escapes = escapingUrls(look, seen);
  const told = (loads: boolean) =>
    escapes.filter((url) => url.loads === loads).map(({ tag, url }) => urlText(tag, url));
  if (told(true).length > 0) symptoms.push({ kind: 'escapes', evidence: few(told(true)) });
  if (told(false).length > 0) symptoms.push({ kind: 'links', evidence: few(told(false)) });
  return symptoms;
}

/** A front page that is refused: neither a page, nor a redirect, nor a demand to sign in (401). 404 is for `missing`. */
export function isRefused({ status }: Pick<Step, 'status'>): boolean {
  return status >= 400 && status !== 401 && status !== 404;
}

/** What such an answer shows: many tools say in plain words what they do not like. */
function refusalEvidence({ trail }: Look): string[] {
  const last = trail.steps.at(-1);
  const text = last && !typeOf(last).includes('html') ? textOf(last).trim() : '';
  const [line = ''] = text.split(/[\r\n]/, 1);
  return [...trailText(trail), ...(line === '' ? [] : [`it says: ${shortened(line)}`])];
}

const few = (lines: readonly string[]) =>
  lines.length <= 4 ? [...lines] : [...lines.slice(0, 3), `and ${lines.length - 3} more`];

/** URLs of the page that lead out of the mount, at this site or to the tool's own address. */
function escapingUrls({ mount, trail, urls }: Look, { origin, others }: Seen): Look['urls'][number][] {
  const here = originText(origin);
  const page = trail.steps.at(-1)?.target ?? '/';
  const base = urls.find(({ tag }) => tag === 'base')?.url ?? '';
  const from = parseUrl(base, here + page) ?? parseUrl(here + page);
  // A name that no browser takes for one has no pages.
  if (!from) return [];
  const inside = mount.path === '/' ? '' : mount.path;
  const names = mount.names.map(authorityOf);
  const internal = [...mount.targets.map(({ authority }) => authority), ...names].filter(
    (it) => it !== origin.authority,
  );
  return urls.filter(({ url, tag, loads }) => {
    const parsed = tag === 'base' ? null : parseUrl(url, from.href);
    if (!parsed) return false;
    const { host, pathname, protocol } = parsed;
    if (!/^https?:$/.test(protocol)) return false;
    if (internal.includes(host)) return true;
    if (host !== parseUrl(here)?.host || pathname === adoptScript.path) return false;
    if (inside === '' || isUnder(pathname, inside)) return false;
    // A link to another tool, or to the portal, may well be meant.
    return loads || (pathname !== '/' && !others.some((other) => isUnder(pathname, other)));
  });
}

/** Where the prefix stands twice. */
function doublings({ mount, trail, urls }: Look): string[] {
  if (mount.path === '/') return [];
  const twice = mount.path + mount.path;
  const isTwice = (url: string | null) =>
    url !== null && (url.includes(`${twice}/`) || url.endsWith(twice) || url.includes(`${twice}?`));
  return [
    ...trail.steps.filter(({ location }) => isTwice(location)).map(stepText),
    ...few(urls.filter(({ url }) => isTwice(url)).map(({ tag, url }) => urlText(tag, url))),
  ];
}
