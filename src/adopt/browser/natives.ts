/** Gives the arguments that the native function is to get; whatever it throws, the native one gets those of the page. */
export type Change = (args: unknown[], self: unknown) => unknown[];

type Native = (this: unknown, ...args: unknown[]) => unknown;

/** The arguments with one of them, where it is there, put through `map`. */
export const argument =
  (index: number, map: (value: unknown, self: unknown) => unknown): Change =>
  (args, self) =>
    args.map((value, at) => (at === index ? map(value, self) : value));

function changed(change: Change, args: unknown[], self: unknown): unknown[] {
  try {
    return change(args, self);
  } catch {
    return args;
  }
}

/** A proxy, so that name, length, statics, prototype, `instanceof`, subclasses and the native text stay as they are. */
const proxied = (native: Native, change: Change): Native =>
  new Proxy(native, {
    apply: (target, self: unknown, args: unknown[]) => Reflect.apply(target, self, changed(change, args, self)),
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, changed(change, args, undefined), newTarget) as object,
  });

/** The prototype of an interface, where the browser has it. */
export const prototypeOf = (scope: object, name: string): object | undefined =>
  (Reflect.get(scope, name) as { prototype?: object } | undefined)?.prototype;

/** Stands before a function or a constructor; does nothing where the browser does not have it. */
export function wrap(holder: object | undefined, name: string, change: Change): void {
  const descriptor = holder && Object.getOwnPropertyDescriptor(holder, name);
  if (!descriptor?.configurable || typeof descriptor.value !== 'function') return;
  const native = descriptor.value as Native & { prototype?: object };
  const wrapped = proxied(native, change);
  Object.defineProperty(holder, name, { ...descriptor, value: wrapped });
  const own = native.prototype && Object.getOwnPropertyDescriptor(native.prototype, 'constructor');
  if (own?.value === native) Object.defineProperty(native.prototype, 'constructor', { ...own, value: wrapped });
}

/** Stands before the setter of a property. */
export function wrapSetter(
  holder: object | undefined,
  name: string,
  map: (value: unknown, self: unknown) => unknown,
): void {
  const descriptor = holder && Object.getOwnPropertyDescriptor(holder, name);
  if (!descriptor?.configurable || !descriptor.set) return;
  Object.defineProperty(holder, name, { ...descriptor, set: proxied(descriptor.set as Native, argument(0, map)) });
}

/** Has a look at what a getter gives before the page does. */
export function watchGetter(holder: object | undefined, name: string, look: (value: unknown) => void): void {
  const descriptor = holder && Object.getOwnPropertyDescriptor(holder, name);
  if (!descriptor?.configurable || !descriptor.get) return;
  const get = new Proxy(descriptor.get, {
    apply(target, self: unknown, args: unknown[]) {
      const value: unknown = Reflect.apply(target, self, args);
      try {
        look(value);
      } catch {
        // The frame is another origin's.
      }
      return value;
    },
  });
  Object.defineProperty(holder, name, { ...descriptor, get });
}
