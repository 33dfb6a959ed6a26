import { types } from 'node:util';

/**
 * jest runs tests in a realm of their own, so an error that Node itself raises is no `instanceof` their `Error`. The
 * program runs in one realm; with this, it meets the same errors here as there.
 */
const ordinary = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    return ordinary.call(this as never, value) || (this === Error && types.isNativeError(value));
  },
});
