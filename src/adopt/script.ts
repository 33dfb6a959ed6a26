import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '../portal/assets';
import { html } from '../portal/html';

const body = readFileSync(join(__dirname, 'browser', 'adopt.js'));

/** The script that makes a tool's page find its own URLs under the mount, made from `browser/` by `npm run build`. */
export const adoptScript: { readonly path: string; readonly body: Buffer; readonly integrity: string } = {
  path: `/-/assets/adopt.${contentHash(body)}.js`,
  body,
  integrity: `sha384-${createHash('sha384').update(body).digest('base64')}`,
};

export interface ScriptFacts {
  /** Where people see the mount: `/tool`. */
  readonly base: string;
  /** What goes before the script's path: what a proxy in front takes off. */
  readonly outer?: string;
  /** The nonce of the page's Content-Security-Policy, where it has one. */
  readonly nonce: string | null;
  /** Whether the page's policy takes scripts by their hash alone. */
  readonly hashed: boolean;
  /** Whether the script may insert an import map: not where the page's policy forbids scripts that stand in it. */
  readonly imports: boolean;
  /** Whether this tool's names in `localStorage` and `sessionStorage` are kept apart from the other tools'. */
  readonly separateStorage: boolean;
}

/** The element that goes first into the page's head, before any script of the tool. */
export function scriptElement({ base, outer = '', nonce, hashed, imports, separateStorage }: ScriptFacts): string {
  const more = [
    nonce !== null && html` nonce="${nonce}"`,
    hashed && html` integrity="${adoptScript.integrity}"`,
    !imports && html` data-imports="no"`,
    separateStorage && html` data-storage="separate"`,
  ];
  return html`<script src="${outer + adoptScript.path}" data-mount="${base}" ${more}></script>`.toString();
}
