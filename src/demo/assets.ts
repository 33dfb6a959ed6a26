import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import type { Answer } from './answer';

const types: Partial<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export function assetPath(name: string): string {
  return join(__dirname, name);
}

/**
 * Serves these files of this folder at `base` + name, and nothing else.
 *
 * @param base begins and ends with a slash
 * @returns a function that gives the answer, or null when the path is none of them
 */
export function assetServer(names: readonly string[], base = '/') {
  const assets = new Map(names.map((name) => [base + name, readAsset(name)]));
  return (path: string, request: IncomingMessage): Answer | null => {
    const asset = assets.get(path);
    if (asset === undefined) return null;
    const { headers, body } = asset;
    if (request.headers['if-none-match'] === headers.ETag) return { status: 304, headers, body: '' };
    return { status: 200, headers, body };
  };
}

function readAsset(name: string) {
  const body = readFileSync(assetPath(name));
  const headers = {
    'Content-Type': types[extname(name)] ?? 'application/octet-stream',
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    ETag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`,
  };
  return { headers, body };
}
