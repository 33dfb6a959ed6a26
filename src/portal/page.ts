import { renderDocument } from './document';
import { renderGlyph } from './glyphs';
import { html, withCode, type Html } from './html';
import type { PortalTool, PortalView, TargetLine, ToolStatus } from './portal';
import { renderShape, renderShapes } from './state-shapes';
import { isTrouble, utcText } from './status-text';
import type { ToolIcon } from './tool-icon';

/** From this many tools on, rows are tight and stand in columns. */
const many = 13;

function renderTile(icon: ToolIcon, prefix: string): Html {
  switch (icon.kind) {
    case 'image':
      return html`<span class="tile picture" aria-hidden="true"
        ><img src="${prefix + icon.path}" alt="" width="32" height="32"
      /></span>`;
    case 'glyph':
      return html`<span class="tile hue-${icon.hue}" aria-hidden="true">${renderGlyph(icon.glyph)}</span>`;
    case 'text':
      return html`<span class="tile hue-${icon.hue}" aria-hidden="true">${icon.text}</span>`;
  }
}

function renderTrouble(status: ToolStatus, open: boolean): Html {
  return html`<div class="trouble" data-part="trouble" ${!isTrouble(status) && html`hidden`}>
    <p data-part="detail">${withCode(status.detail)}</p>
    <details ${open && html`open`} data-part="help" ${status.advice.length === 0 && html`hidden`}>
      <summary>What to try</summary>
      <ul data-part="advice">
        ${status.advice.map((advice) => html`<li>${withCode(advice)}</li>`)}
      </ul>
    </details>
  </div>`;
}

const renderSince = (since: string | null): Html =>
  since === null
    ? html`<time data-part="since">–</time>`
    : html`<time data-part="since" datetime="${since}">${utcText(new Date(since))}</time>`;

const renderTargets = (targets: readonly TargetLine[]): Html =>
  html`<ul class="targets" data-part="targets" aria-label="Targets" ${targets.length === 0 && html`hidden`}>
    ${targets.map(
      ({ state, name, text }) =>
        html`<li data-state="${state}">${renderShape(state)} <span>${name}: ${text}</span></li>`,
    )}
  </ul>`;

interface Place {
  /** What goes before the gateway's own paths: what a proxy in front takes off. */
  readonly prefix: string;
  readonly index: number;
  /** Whether what to try is shown without a click. */
  readonly open: boolean;
}

function renderTool({ name, description, href: path, icon, status }: PortalTool, { prefix, index, open }: Place): Html {
  const href = prefix + path;
  return html`<li class="tool" data-path="${status.path}" data-state="${status.state}">
    ${renderTile(icon, prefix)}
    <div class="who">
      <h3 class="name"><a href="${href}" aria-describedby="state-of-${index}">${name}</a></h3>
      <span class="path">${href}</span>
      ${description !== '' && html`<p class="description">${description}</p>`}
    </div>
    <p class="state" id="state-of-${index}">
      ${renderShape(status.state)} <span data-part="word">${status.word}</span>
    </p>
    <dl class="facts">
      <div class="changed">
        <dt>Last change</dt>
        <dd>${renderSince(status.since)}</dd>
      </div>
      <div class="latency">
        <dt>Latency</dt>
        <dd data-part="latency">${status.latencyText}</dd>
      </div>
    </dl>
    ${renderTargets(status.targets)} ${renderTrouble(status, open)}
  </li>`;
}

const renderRibbon = (tools: readonly PortalTool[]): Html =>
  html`<div class="${tools.length >= many ? 'ribbon fine' : 'ribbon'}" aria-hidden="true">
    ${tools.map(({ status }) => html`<i data-path="${status.path}" data-state="${status.state}"></i>`)}
  </div>`;

/** Hidden until the script is there to make it work. */
const filter = html`<form class="filter" role="search" data-part="filter" hidden>
  <label for="filter">Find a tool</label>
  <input id="filter" type="search" autocomplete="off" spellcheck="false" aria-describedby="filter-hint" />
  <kbd aria-hidden="true">/</kbd>
  <span id="filter-hint" class="visually-hidden">Press slash to come here, Enter to open the first tool found.</span>
</form>`;

const noTools = html`<p class="empty">
  No tools are mounted yet. Add one under <code>mounts</code> in the gateway’s configuration file.
</p>`;

/**
 * The portal page, complete without scripts; `portal.js` keeps it up to date.
 * @param prefix what a proxy in front takes off the path
 */
export function renderPortal(view: PortalView, prefix = ''): string {
  const { title, summary, tools } = view;
  const tight = tools.length >= many;
  return renderDocument({
    title: summary.troubled > 0 ? `(${summary.troubled}) ${title}` : title,
    prefix,
    styles: ['base.css', 'portal.css'],
    script: 'portal.js',
    body: html`<body data-title="${title}" data-revision="${view.revision}" data-now="${view.now.toISOString()}">
      <a class="skip" href="#tools">Skip to the tools</a>
      ${renderShapes()}
      <header class="top">
        <div class="bar">
          <h1>${title}</h1>
          ${tools.length > 1 && filter}
        </div>
        <p class="summary" data-part="headline">${summary.headline}</p>
        ${tools.length > 0 && renderRibbon(tools)}
        <div class="line">
          <p data-part="note" ${summary.note === '' && html`hidden`}>${summary.note}</p>
          <p class="connection" data-part="connection">
            As of <time datetime="${view.now.toISOString()}">${utcText(view.now)}</time>. Reload for the state now.
          </p>
          ${
            tight &&
            html`<button type="button" aria-pressed="false" data-part="only-trouble" hidden>
              Only tools in trouble
            </button>`
          }
        </div>
      </header>
      <main id="tools" tabindex="-1">
        <h2 class="visually-hidden">Tools</h2>
        ${
          tools.length === 0
            ? noTools
            : html`<ul class="${tight ? 'tools tight' : 'tools'}">
                ${tools.map((tool, index) => renderTool(tool, { prefix, index, open: !tight }))}
              </ul>`
        }
        <p class="empty" data-part="nothing-found" hidden>No tool fits.</p>
      </main>
      <p class="visually-hidden" role="status" aria-live="polite" data-part="news"></p>
      <footer><p>Served by kpow-gateway</p></footer>
    </body>`,
  });
}
