import { buffer } from 'node:stream/consumers';
import { valuesOf } from '../headers/raw';
import { isUnder } from '../mount/path';
import { pageUrls, scriptUrls } from './page-urls';
import type { Look, Step } from './sight';
import type { Visitor } from './visitor';

/** How many of a page's scripts and styles are asked for. */
const mostAssets = 3;

/** Opens the front page, as a person would by its address. */
export async function lookAt(visitor: Visitor, target = `${visitor.base}/`): Promise<Look> {
  const trail = await visitor.follow(target);
  const last = trail.steps.at(-1);
  const page = trail.end === 'answered' && last ? await pageOf(last) : '';
  const urls = pageUrls(page);
  const assets = await Promise.all(
    assetTargets(urls, visitor, last?.target ?? '/').map((target) => visitor.step(target, ['Accept', '*/*'])),
  );
  const texts = [page, ...assets.filter((step) => /javascript/.test(typeOf(step))).map(textOf)];
  return { mount: visitor.mount, trail, page, urls, assets, scripts: texts.flatMap(scriptUrls) };
}

/** Scripts and styles of the mount itself; what lies outside, is told of without being asked for. */
function assetTargets(urls: Look['urls'], visitor: Visitor, target: string): string[] {
  const base = urls.find(({ tag }) => tag === 'base')?.url ?? '';
  const from = visitor.resolve(base, target)?.pathname ?? target;
  const targets = urls
    .filter(({ tag, url }) => tag === 'script' || (tag === 'link' && /\.css\b/.test(url)))
    .flatMap(({ url }) => {
      const resolved = visitor.resolve(url, from);
      return resolved && isUnder(resolved.pathname, visitor.base) ? [resolved.pathname + resolved.search] : [];
    });
  return [...new Set(targets)].slice(0, mostAssets);
}

export function typeOf({ exchanged }: Step): string {
  if (exchanged?.result.kind !== 'answered') return '';
  return (valuesOf(exchanged.result.fields, 'content-type')[0] ?? '').toLowerCase();
}

/** The beginning of a body as text. */
export function textOf({ exchanged }: Step): string {
  return exchanged?.result.kind === 'answered' ? (exchanged.result.body.bytes?.toString() ?? '') : '';
}

/** The page as a browser gets it; '' for what is none. */
async function pageOf(step: Step): Promise<string> {
  const type = typeOf(step);
  const text = textOf(step);
  if (!type.includes('html') && !(type === '' && text.trimStart().startsWith('<'))) return '';
  const rewriting = step.exchanged?.adopted?.rewriter?.();
  if (!rewriting) return text;
  rewriting.end(text);
  return (await buffer(rewriting)).toString();
}
