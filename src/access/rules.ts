import type { MountConfig } from '../config/config';
import { tellsOfTheClient, type ClientView } from '../headers/forwarded';
import { dashed, fieldNames, valuesOf, type RawHeaders } from '../headers/raw';
import { compileTrust } from '../headers/trust';
import type { ProxyErrorCode } from '../upstream/proxy-error';
import { deniedSegments, mayBeDenied } from './denied-path';
import { mayOpenWebsocket } from './websocket-origin';

/** Who asks, and for what, as far as a mount's rules depend on it. */
export interface Asked {
  readonly method: string;
  readonly raw: RawHeaders;
  readonly view: ClientView;
  readonly websocket: boolean;
}

/** A mount's rules, worked out beforehand. */
export interface AccessRules {
  /** null: everyone. */
  readonly allows: ((address: string) => boolean) | null;
  readonly denied: readonly (readonly string[])[];
  /** null: all. */
  readonly methods: ReadonlySet<string> | null;
  readonly origins: readonly string[] | 'any';
}

/** @returns null where there are none, so that a mount without rules pays nothing for them */
export function compileAccess({ allow, deny, methods, origins }: MountConfig): AccessRules | null {
  if (allow === null && deny.length === 0 && methods === null && origins.length === 0) return null;
  return {
    allows: allow && compileTrust(allow),
    denied: deny.map(deniedSegments),
    // As in nginx's limit_except: who may GET may HEAD.
    methods: methods && new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods),
    origins,
  };
}

/** Fields by which some frameworks let a request have another method than its own. */
const otherMethod = new Set(['x-http-method-override', 'x-http-method', 'x-method-override']);

/**
 * Why a request is not let through to a mount; null where it is.
 * @param rules the mount's; null where it has none
 * @param path what follows the mount's prefix, without the query
 */
export function refusalByAccess(rules: AccessRules | null, path: string, asked: Asked): ProxyErrorCode | null {
  const { method, raw, view, websocket } = asked;
  if (rules) {
    const { allows, denied, methods } = rules;
    if (allows && (speaksForAnother(raw, view) || !allows(view.address))) return 'CLIENT_NOT_ALLOWED';
    if (denied.length > 0 && mayBeDenied(path, denied)) return 'PATH_DENIED';
    if (methods && !meansOnly(methods, method, raw)) return 'METHOD_DENIED';
  }
  if (websocket && !valuesOf(raw, 'origin').every((origin) => mayOpenWebsocket(origin, view.origin, rules?.origins)))
    return 'ORIGIN_DENIED';
  return null;
}

/** A proxy that is not trusted asks with its own address for somebody whom nobody knows. */
export function speaksForAnother(raw: RawHeaders, { trusted }: ClientView): boolean {
  return !trusted && fieldNames(raw).some((name) => tellsOfTheClient(name) && name !== 'x-request-id');
}

function meansOnly(methods: ReadonlySet<string>, method: string, raw: RawHeaders): boolean {
  if (!methods.has(method)) return false;
  return fieldNames(raw).every((name, index) => {
    const value = raw[index * 2 + 1] ?? '';
    return !otherMethod.has(dashed(name)) || methods.has(value.trim().toUpperCase());
  });
}
