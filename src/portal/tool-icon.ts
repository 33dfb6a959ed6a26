import { extname, isAbsolute } from 'node:path';
import type { MountConfig } from '../config/config';
import { bytesIn, type FileContents } from '../config/file-contents';
import { assetType, contentHash, type Asset } from './assets';
import { glyphFor, type GlyphName } from './glyphs';

/** What stands on a tool's tile; `hue` is one of the style sheet's twelve. */
export type ToolIcon =
  | { readonly kind: 'image'; readonly path: string; readonly asset: Asset }
  | { readonly kind: 'glyph'; readonly glyph: GlyphName; readonly hue: number }
  | { readonly kind: 'text'; readonly text: string; readonly hue: number };

const hues = 12;

/** FNV-1a, so that a tool has the same hue on every start. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % hues;
}

const characters = (text: string): string[] =>
  Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text), ({ segment }) => segment);

/** The initials of the first two words, or the first two letters of the only one. */
export function monogram(name: string): string {
  const [first = '', second] = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  if (first === '') return characters(name.trim())[0] ?? '?';
  if (second !== undefined) return `${characters(first)[0] ?? ''}${characters(second)[0] ?? ''}`.toUpperCase();
  const [one = '', two = ''] = characters(first);
  return one.toUpperCase() + two.toLowerCase();
}

/** @returns null where the file cannot be read: a portal without one picture is better than no portal */
function pictureIn(files: FileContents, file: string): ToolIcon | null {
  const extension = extname(file).toLowerCase();
  if (extension !== '.svg' && extension !== '.png') return null;
  const content = bytesIn(files, file);
  if ('problem' in content) return null;
  const body = content.bytes;
  return {
    kind: 'image',
    path: `/-/icons/${contentHash(body)}${extension}`,
    asset: { type: assetType(extension), body },
  };
}

/** @param files what the pictures hold */
export function toolIcon(mount: Pick<MountConfig, 'name' | 'kind' | 'icon'>, files: FileContents): ToolIcon {
  const hue = hueOf(mount.name);
  const icon = mount.icon.trim();
  if (isAbsolute(icon) && icon.length > 2) {
    const picture = pictureIn(files, icon);
    if (picture !== null) return picture;
  } else if (icon !== '') {
    return { kind: 'text', text: characters(icon).slice(0, 2).join(''), hue };
  }
  const glyph = glyphFor(mount);
  return glyph === null ? { kind: 'text', text: monogram(mount.name), hue } : { kind: 'glyph', glyph, hue };
}
