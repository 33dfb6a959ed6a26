import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file that the gateway serves under a path that changes whenever its content does. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const types = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
} as const;

export type AssetExtension = keyof typeof types;

export const assetType = (extension: AssetExtension): string => types[extension];

/** First 48 bits of the SHA-256, enough to tell versions apart. */
export const contentHash = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 12);

const names = ['base.css', 'portal.css', 'error-page.css', 'portal.js', 'retry.js', 'favicon.svg'] as const;

export type AssetName = (typeof names)[number];

const loaded = names.map((name) => {
  const body = readFileSync(join(__dirname, 'browser', name));
  const [stem, extension] = name.split('.') as [string, string];
  return {
    name,
    path: `/-/assets/${stem}.${contentHash(body)}.${extension}`,
    asset: { type: assetType(`.${extension}` as AssetExtension), body },
  };
});

/** The gateway's own styles, scripts and pictures by their public path: `/-/assets/portal.1a2b3c4d5e6f.css`. */
export const assets: ReadonlyMap<string, Asset> = new Map(loaded.map(({ path, asset }) => [path, asset]));

const paths = new Map<AssetName, string>(loaded.map(({ name, path }) => [name, path]));

/** The public path of one of the gateway's own files. */
export function assetPath(name: AssetName): string {
  const path = paths.get(name);
  if (path === undefined) throw new Error(`no asset ${name}`);
  return path;
}
