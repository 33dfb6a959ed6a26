import { isUnder } from './url';
import type { Scope } from './scope';

/** How React Router says that it is in the page, from version 6.4 on. */
const mark = '__reactRouterVersion';

/**
 * React Router reads where it is from `document.defaultView.location`, and knows no prefix unless it is told: there it
 * gets a window whose location is the tool's own. `window.location` itself cannot be replaced (HTML, [LegacyUnforgeable]).
 */
export function showRouterItsPaths(scope: Scope): void {
  const { window } = scope;
  const { prototype } = window.Document;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'defaultView');
  if (!descriptor?.configurable || !descriptor.get) return;
  let shown: unknown;
  const get = new Proxy(descriptor.get, {
    apply(target, self: unknown, args: unknown[]): unknown {
      const value: unknown = Reflect.apply(target, self, args);
      if (value !== window || !(mark in window)) return value;
      return (shown ??= windowOfTool(scope));
    },
  });
  Object.defineProperty(prototype, 'defaultView', { ...descriptor, get });
}

/** The window itself, but for its location. */
function windowOfTool({ window, mount, map }: Scope): unknown {
  const location = locationOfTool(window.location, mount, map);
  const bound = new Map<unknown, unknown>();
  const proxy: object = new Proxy(window, {
    get(target, name): unknown {
      if (name === 'location') return location;
      const value: unknown = Reflect.get(target, name, target);
      if (value === window) return proxy;
      // Methods of a window insist on it; what can be constructed has no need of that.
      if (typeof value !== 'function' || 'prototype' in value) return value;
      if (!bound.has(value)) bound.set(value, (value as (...args: never[]) => unknown).bind(target));
      return bound.get(value);
    },
    set(target, name, value: unknown) {
      if (name === 'location') location.href = String(value);
      else Reflect.set(target, name, value, target);
      return true;
    },
  });
  return proxy;
}

function locationOfTool(real: Location, mount: string, map: (url: string) => string): Location {
  const path = (): string => (isUnder(real.pathname, mount) ? real.pathname.slice(mount.length) || '/' : real.pathname);
  const href = (): string => real.origin + path() + real.search + real.hash;
  const instead: Readonly<Record<string | symbol, () => unknown>> = {
    pathname: path,
    href,
    toString: () => href,
    assign: () => (url: unknown) => {
      real.assign(map(String(url)));
    },
    replace: () => (url: unknown) => {
      real.replace(map(String(url)));
    },
    reload: () => () => {
      real.reload();
    },
  };
  // Not of the real one: its members may not be shown as others by a proxy.
  return new Proxy(Object.create(Object.getPrototypeOf(real) as object) as Location, {
    get: (_, name) => (Object.hasOwn(instead, name) ? instead[name]?.() : (Reflect.get(real, name, real) as unknown)),
    set: (_, name, value: unknown) =>
      Reflect.set(real, name, name === 'href' || name === 'pathname' ? map(String(value)) : value, real),
  });
}
