import { prototypeOf } from './natives';
import type { Scope } from './scope';

const kept = ['getItem', 'setItem', 'removeItem'] as const;

/** Puts the mount before each name in `localStorage` and `sessionStorage`, so that the tools of one origin keep apart. */
export function separateStorage({ window, mount }: Scope): void {
  const prefix = `${mount}:`;
  const natives = new WeakMap<object, Storage>();
  const prototype = prototypeOf(window, 'Storage') as Storage | undefined;
  if (!prototype) return;
  const { key } = prototype;
  const length = Object.getOwnPropertyDescriptor(prototype, 'length');
  const names = (storage: Storage): string[] => {
    const all = Array.from({ length: length?.get?.call(storage) as number }, (_, at) => key.call(storage, at) ?? '');
    return all.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  };
  const method = (name: string, own: (storage: Storage, args: unknown[], native: () => unknown) => unknown): void => {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const native = descriptor?.value as ((...args: unknown[]) => unknown) | undefined;
    if (!native) return;
    const value = new Proxy(native, {
      apply(target, self: object, args: unknown[]) {
        const storage = natives.get(self);
        if (!storage) return Reflect.apply(target, self, args);
        return own(storage, args, () => Reflect.apply(target, storage, [prefix + String(args[0]), ...args.slice(1)]));
      },
    });
    Object.defineProperty(prototype, name, { ...descriptor, value });
  };
  const { removeItem, getItem, setItem } = prototype;
  for (const name of kept)
    method(name, (storage, args, native) => (args.length ? native() : Reflect.apply(prototype[name], storage, args)));
  method('key', (storage, [at]) => names(storage)[Number(at)] ?? null);
  method('clear', (storage) => {
    for (const name of names(storage)) removeItem.call(storage, prefix + name);
  });
  if (length?.get) {
    const get = new Proxy(length.get as () => number, {
      apply(target, self: object) {
        const storage = natives.get(self);
        return storage ? names(storage).length : Reflect.apply(target, self, []);
      },
    });
    Object.defineProperty(prototype, 'length', { ...length, get });
  }

  const isName = (name: string | symbol): name is string => typeof name === 'string' && !(name in prototype);
  const separate = (storage: Storage): Storage => {
    const proxy: Storage = new Proxy(storage, {
      get: (target, name) =>
        isName(name)
          ? (getItem.call(target, prefix + name) ?? undefined)
          : (Reflect.get(target, name, proxy) as unknown),
      set(target, name, value: unknown) {
        if (isName(name)) setItem.call(target, prefix + name, String(value));
        return true;
      },
      has: (target, name) => (isName(name) ? getItem.call(target, prefix + name) !== null : Reflect.has(target, name)),
      deleteProperty(target, name) {
        if (isName(name)) removeItem.call(target, prefix + name);
        return true;
      },
      ownKeys: (target) => names(target),
      getOwnPropertyDescriptor(target, name) {
        const value = isName(name) ? getItem.call(target, prefix + name) : null;
        return value === null ? undefined : { value, writable: true, enumerable: true, configurable: true };
      },
    });
    natives.set(proxy, storage);
    return proxy;
  };
  for (const name of ['localStorage', 'sessionStorage'] as const) {
    const descriptor = Object.getOwnPropertyDescriptor(window, name);
    if (!descriptor?.get) continue;
    const made = new WeakMap<Storage, Storage>();
    const get = new Proxy(descriptor.get as () => Storage, {
      apply(target, self: unknown) {
        const storage = Reflect.apply(target, self, []);
        const proxy = made.get(storage) ?? separate(storage);
        made.set(storage, proxy);
        return proxy;
      },
    });
    Object.defineProperty(window, name, { ...descriptor, get });
  }

  const eventKey = Object.getOwnPropertyDescriptor(prototypeOf(window, 'StorageEvent') ?? {}, 'key');
  if (!eventKey?.get) return;
  const readKey = eventKey.get as () => string | null;
  window.addEventListener(
    'storage',
    (event) => {
      const name = readKey.call(event);
      if (name !== null && !name.startsWith(prefix)) event.stopImmediatePropagation();
    },
    true,
  );
  const get = new Proxy(readKey, {
    apply(target, self: unknown) {
      const name = Reflect.apply(target, self, []);
      return name?.startsWith(prefix) ? name.slice(prefix.length) : name;
    },
  });
  Object.defineProperty(prototypeOf(window, 'StorageEvent'), 'key', { ...eventKey, get });
}
