import type { Config, MountConfig } from '../config/config';
import { readFileContents } from '../config/file-contents';
import type { MountStatus, StatusBoard, TargetStatus } from '../upstream/status';
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
  /** Each of several, in their order; [] where there is one. */
  readonly targets: readonly TargetLine[];
}

/** One of several targets, which people know by its number: its address is not told. */
export interface TargetLine {
  /** For its shape and colour. */
  readonly state: MountStatus['state'];
  /** `Target 2` */
  readonly name: string;
  /** `Well, in use` */
  readonly text: string;
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

function toolStatus(mount: MountConfig, board: StatusBoard, status = board.statusOf(mount)): ToolStatus {
  const { name, path } = mount;
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
    targets: board.targetsOf(mount).map(targetLine),
  };
}

function targetLine({ number, status, outSince, active }: TargetStatus): TargetLine {
  const out = outSince !== null && !isTrouble(status);
  const word = out ? 'No connection' : stateWord(status);
  const role = out || isTrouble(status) ? '' : active ? ', in use' : ', standing by';
  return { state: out ? 'unreachable' : status.state, name: `Target ${number}`, text: `${word}${role}` };
}

/** Reads the icons' files; everything else is read from the board whenever a view is asked for. */
export function createPortal(
  config: Pick<Config, 'mounts' | 'portal'>,
  board: StatusBoard,
  files = readFileContents(config),
): Portal {
  const { title } = config.portal;
  const tools = config.mounts.map((mount) => ({
    mount,
    name: mount.name,
    description: mount.description,
    href: mount.path === '/' ? '/' : `${mount.path}/`,
    icon: toolIcon(mount, files),
  }));
  const icons = tools.flatMap(({ icon }) => (icon.kind === 'image' ? [[icon.path, icon.asset] as const] : []));
  const revision = contentHash(
    JSON.stringify([
      title,
      [...assets.keys()],
      tools.map(({ mount, name, description, href, icon }) => [
        name,
        description,
        href,
        mount.targets.length,
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
        status: toolStatus(mount, board),
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
    onChange: (listener) => board.onChange((mount, status) => listener(toolStatus(mount, board, status))),
  };
}

/** The view as JSON: what a page is brought up to date with, and what programs get. */
export function portalSnapshot(view: PortalView, prefix = ''): object {
  return {
    type: 'snapshot',
    title: view.title,
    revision: view.revision,
    now: view.now.toISOString(),
    summary: view.summary,
    tools: view.tools.map(({ name, description, href, status }) => ({
      name,
      description,
      href: prefix + href,
      ...status,
    })),
  };
}
