import type { Asked as AskedOfMount } from '../access/rules';
import type { MountConfig } from '../config/config';
import { isOrigin, type ClientView } from '../headers/forwarded';
import { cookieNames } from '../headers/gateway-cookies';
import { hasField, valuesOf } from '../headers/raw';
import type { Mount } from '../mount/mount';
import { passageOf, type Passage } from '../mount/passage';
import { isUnder } from '../mount/path';
import type { MountTable } from '../mount/table';
import type { MountStatus } from '../upstream/status';
import { destinationOf, type Asked } from './body-kind';
import { mountCookie } from './mount-cookie';

/**
 * What a browser asks for as a part of a page (Fetch Metadata §2.1, Fetch §2.2.5). The others show pages of their own, or
 * are not the page's alone: a service worker from `/sw.js` would get the whole site for its scope, and a shared worker is
 * one for all pages that name its URL.
 */
const parts = new Set(
  `audio audioworklet empty font image json manifest paintworklet script style text track video worker xslt`.split(' '),
);

/** A request's way to a tool, and whether it was found by the page that asked and not by its path. */
export interface FoundPassage extends Passage {
  readonly escaped: boolean;
}

/**
 * Finds the tool that a request is for: by its path, or else by the adopting mount whose page asked for it.
 * @param target origin-form
 * @returns null for what is no tool's
 */
export function findPassage(
  target: string,
  asked: AskedOfMount,
  table: MountTable,
  statusOf: (mount: MountConfig) => MountStatus,
): FoundPassage | null {
  const passage = passageOf(target, asked, table, statusOf);
  if (passage) return { ...passage, escaped: false };
  const from = escapedFrom(target, { method: asked.method, fields: asked.raw }, asked.view, table);
  const inside = from && passageOf(from.base + target, asked, table, statusOf);
  return inside && { ...inside, escaped: true };
}

/**
 * The adopting mount whose page asked for what is under no mount: one that the run-time script did not catch.
 * @param target origin-form; the caller has found that no mount is there
 * @returns null where it cannot be told for certain, and for what is no part of a page
 */
export function escapedFrom(target: string, asked: Asked, view: ClientView, table: MountTable): Mount | null {
  if (table.adopting.length === 0 || asked.method !== 'GET') return null;
  if (target === '/' || target.startsWith('/?') || isUnder(target, '/-')) return null;
  const dest = destinationOf(asked);
  if (dest === '' ? isNavigation(asked) : !parts.has(dest)) return null;
  // A service worker's script says this whatever the connection; a handshake asks for a way of its own.
  if (['service-worker', 'upgrade'].some((name) => hasField(asked.fields, name))) return null;
  const site = valuesOf(asked.fields, 'sec-fetch-site')[0]?.trim().toLowerCase();
  if (site !== undefined && site !== 'same-origin') return null;
  const [referer] = valuesOf(asked.fields, 'referer');
  if (referer !== undefined) {
    const path = pathHere(referer, view);
    if (path === null || isUnder(path, '/-')) return null;
    const mount = table.match(path)?.mount;
    if (mount) return mount.adopts ? mount : null;
    // A page that says no more than its origin, or a style sheet that has escaped itself.
  }
  // Only browsers send these two together, and a page of another site cannot make them do so.
  return site === 'same-origin' && dest !== '' ? onlyMountOpen(asked, table) : null;
}

/** Whether a browser that does not say what it asks for is about to show it as a page. */
function isNavigation({ fields }: Asked): boolean {
  if (valuesOf(fields, 'sec-fetch-mode').some((mode) => mode.trim().toLowerCase() === 'navigate')) return true;
  if (hasField(fields, 'upgrade-insecure-requests')) return true;
  if (hasField(fields, 'x-requested-with')) return false;
  return valuesOf(fields, 'accept').some((value) => /text\/html|application\/xhtml\+xml/i.test(value));
}

/** @returns the path as it comes to the gateway; null for a page of another site */
function pathHere(referer: string, view: ClientView): string | null {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#]*)(\/.*)$/is.exec(referer) ?? [];
  if (!isOrigin(origin, view.origin)) return null;
  const { prefix } = view;
  if (!prefix) return path;
  return isUnder(path, prefix) ? path.slice(prefix.length) || '/' : null;
}

/** With two of them open nobody can tell which one it was. */
function onlyMountOpen({ fields }: Asked, table: MountTable): Mount | null {
  const names = new Set(cookieNames(valuesOf(fields, 'cookie')));
  const open = table.adopting.filter(({ config }) => names.has(mountCookie(config.path)));
  return open.length === 1 ? (open[0] ?? null) : null;
}
