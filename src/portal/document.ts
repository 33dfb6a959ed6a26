import { assetPath, type AssetName } from './assets';
import { html, type Html } from './html';

export interface Document {
  readonly title: string;
  /** What goes before the gateway's own paths: what a proxy in front takes off. */
  readonly prefix: string;
  readonly styles: readonly AssetName[];
  readonly script: AssetName | null;
  /** More for the head. */
  readonly head?: Html | null;
  readonly body: Html;
}

/** A whole page under the gateway's strict Content-Security-Policy: styles and scripts only by address. */
export function renderDocument({ title, prefix, styles, script, head, body }: Document): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="${prefix + assetPath('favicon.svg')}" type="image/svg+xml" />
        ${styles.map((name) => html`<link rel="stylesheet" href="${prefix + assetPath(name)}" />`)}
        ${script !== null && html`<script type="module" src="${prefix + assetPath(script)}"></script>`} ${head ?? null}
      </head>
      ${body}
    </html>`.toString();
}
