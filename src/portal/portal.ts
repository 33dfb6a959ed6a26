import type { Config, MountConfig } from '../config/config';
import type { MountStatus, StatusBoard } from '../upstream/status';
import { assets, contentHash, type Asset } from './assets';
import { detailSentence, isTrouble, latencyText, sentence, stateWord, summarize, type Summary } from './status-text';
import { toolIcon, type ToolIcon } from './tool-icon';

/** A tool's state as pages show it; goes to browsers as JSON. */
export interface ToolStatus {
  /** The mount's path, which names it. */
  readonly path: string;
  readonly state: MountStatus['state'];
  readonly word: string;
  /** Sentences, with `code` between backticks; '' and [] while the tool is not in trouble. */
  readonly detail: string;
  readonly advice: readonly string[];
  /** ISO 8601; null where nothing is checked. */
  readonly since: string | null;
  /** Milliseconds, and the same for people. */
  readonly latency: number | null;
  readonly latencyText: string;
}

export interface PortalTool {
  readonly name: string;
  readonly description: string;
  readonly href: string;
  readonly icon: ToolIcon;
  readonly status: ToolStatus;
}

export interface PortalView {
  readonly title: string;
  /** Changes when the page has to be loaded anew: other tools, or other scripts. */
  readonly revision: string;
  readonly now: Date;
  readonly summary: Summary;
  readonly tools: readonly PortalTool[];
}

/** What the portal shows under one configuration. */
export interface Portal {
  /** Where the page is: `/`, or `/-/portal` where a tool has the root. */
  readonly path: string;
  readonly revision: string;
  /** Files named as icons, by their public path. */
  readonly icons: ReadonlyMap<string, Asset>;
  view(): PortalView;
  /** Calls back with a tool's new state; returns a function that ends it. */
  onChange(listener: (status: ToolStatus) => void): () => void;
}

const portalPath = (mounts: readonly Pick<MountConfig, 'path'>[]): string =>
  mounts.some(({ path }) => path === '/') ? '/-/portal' : '/';

function toolStatus({ name, path }: Pick<MountConfig, 'name' | 'path'>, status: MountStatus): ToolStatus {
  const trouble = isTrouble(status);
  return {
    path,
    state: status.state,
    word: stateWord(status),
    detail: trouble ? detailSentence(name, status) : '',
    advice: trouble ? status.advice.map(sentence) : [],
    since: status.state === 'unchecked' ? null : status.since.toISOString(),
    latency: status.latency,
    latencyText: latencyText(status.latency),
  };
}

/** Reads the icons' files; everything else is read from the board whenever a view is asked for. */
export function createPortal(config: Pick<Config, 'mounts' | 'portal'>, board: StatusBoard): Portal {
  const { title } = config.portal;
  const tools = config.mounts.map((mount) => ({
    mount,
    name: mount.name,
    description: mount.description,
    href: mount.path === '/' ? '/' : `${mount.path}/`,
    icon: toolIcon(mount),
  }));
  const icons = tools.flatMap(({ icon }) => (icon.kind === 'image' ? [[icon.path, icon.asset] as const] : []));
  const revision = contentHash(
    JSON.stringify([
      title,
      [...assets.keys()],
      tools.map(({ name, description, href, icon }) => [
        name,
        description,
        href,
        icon.kind === 'image' ? icon.path : icon,
      ]),
    ]),
  );

  return {
    path: portalPath(config.mounts),
    revision,
    icons: new Map(icons),
    view() {
      const shown = tools.map(({ mount, ...tool }) => ({
        ...tool,
        status: toolStatus(mount, board.statusOf(mount)),
      }));
      const statuses = shown.map(({ status }) => status);
      return {
        title,
        revision,
        now: new Date(),
        summary: summarize(statuses),
        tools: shown,
      };
    },
    onChange: (listener) => board.onChange((mount, status) => listener(toolStatus(mount, status))),
  };
}

/** The view as JSON: what a page is brought up to date with, and what programs get. */
export function portalSnapshot(view: PortalView): object {
  return {
    type: 'snapshot',
    title: view.title,
    revision: view.revision,
    now: view.now.toISOString(),
    summary: view.summary,
    tools: view.tools.map(({ name, description, href, status }) => ({ name, description, href, ...status })),
  };
}
