import { html } from '../portal/html';
import type { Html } from '../portal/html';

export interface ToolPage {
  /** Names the stylesheet's accent colour and the icon: `kpow` → `kpow.svg`. */
  readonly tool: 'kpow' | 'schemas' | 'tail';
  readonly toolName: string;
  /** Says that this is a demo tool, and of what. */
  readonly notice: string;
  readonly title: string;
  /** What leads from this page to the tool's own root: `./`, `../` or an absolute path that ends with a slash. */
  readonly root: string;
  readonly nav?: readonly { readonly href: string; readonly text: string; readonly current: boolean }[];
  /** To the right of the navigation: live state, log out. */
  readonly aside?: Html;
  /** File name of a module script. */
  readonly script?: string;
  readonly body: Html;
}

export function toolPage({ tool, toolName, notice, title, root, nav = [], aside, script, body }: ToolPage): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${toolName}</title>
        <link rel="icon" href="${root}${tool}.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${root}tool.css" />
        ${script === undefined ? '' : html`<script type="module" src="${root}${script}"></script>`}
      </head>
      <body class="${tool}">
        <p class="notice">${notice}</p>
        <header>
          <a class="brand" href="${root}"><img src="${root}${tool}.svg" alt="" width="32" height="32" /> ${toolName}</a>
          <nav aria-label="Pages">
            ${nav.map(
              ({ href, text, current }) =>
                html`<a href="${root}${href}" ${current ? html` aria-current="page"` : ''}>${text}</a>`,
            )}
          </nav>
          ${aside ?? ''}
        </header>
        <main>${body}</main>
      </body>
    </html> `;
}
