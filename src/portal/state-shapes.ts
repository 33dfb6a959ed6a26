import type { MountState } from '../upstream/status';
import { html, trustedMarkup, type Html } from './html';

/** A shape for each state, on a 16 by 16 grid, so that a state is never told by colour alone. */
const shapes: Readonly<Record<MountState, string>> = {
  healthy: '<circle cx="8" cy="8" r="7" class="fill"/><path d="M4.8 8.300l2.2 2.2 4.3-4.7" class="cut"/>',
  unhealthy:
    '<path d="M8 1.600l6.8 12.200H1.200z" class="fill join"/><path d="M8 6.200v3.4" class="cut"/><path d="M8 11.800v.01" class="cut"/>',
  unreachable:
    '<rect x="1.5" y="1.5" width="13" height="13" rx="2.5" class="fill"/><path d="M5.3 5.300l5.4 5.400M10.7 5.300l-5.4 5.4" class="cut"/>',
  unknown: '<circle cx="8" cy="8" r="6" class="line dashed"/>',
  unchecked: '<circle cx="8" cy="8" r="6" class="line"/><path d="M5.5 8h5" class="line"/>',
};

/** The shapes once a page, to be used by name. */
export function renderShapes(): Html {
  return html`<svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false">
    ${Object.entries(shapes).map(
      ([state, drawing]) => html`<symbol id="state-${state}" viewBox="0 0 16 16">${trustedMarkup(drawing)}</symbol>`,
    )}
  </svg>`;
}

export function renderShape(state: MountState): Html {
  return html`<svg class="shape" width="16" height="16" aria-hidden="true" focusable="false">
    <use href="#state-${state}"></use>
  </svg>`;
}
