import { METHODS } from 'node:http';
import { alternatives, type Condition } from './conditions';

/** Those that nginx has names for; others have to be written by hand. */
const usual = [
  ...['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
  ...['MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'PROPPATCH', 'LOCK', 'UNLOCK'],
];

/** nginx lets those who may GET ask by HEAD too, and so does the gateway. Others than known ones cannot be written. */
export function withHead(methods: readonly string[]): string[] {
  const known = methods.filter((name) => METHODS.includes(name) && name !== 'TRACE' && name !== 'CONNECT');
  const all = known.includes('GET') && !known.includes('HEAD') ? ['GET', 'HEAD', ...known] : known;
  return [...new Set(all)];
}

/** What the gateway lets nobody use, whatever a mount says. */
const never = new Set(['TRACE', 'CONNECT']);

/**
 * The methods that an `if` on `$request_method` with a refusal leaves; `any` where the gateway refuses the others anyway,
 * null where it has no such list.
 */
export function methodsLeftBy({ operator, value }: Condition): string[] | 'any' | null {
  const written = operator.endsWith('*') ? value.toUpperCase() : value;
  const names = operator.includes('~') ? alternatives(written) : [written];
  if (names === null || names.some((name) => !/^[A-Z_-]+$/.test(name))) return null;
  if (operator.startsWith('!')) {
    const left = withHead(names);
    return left.length > 0 ? left : null;
  }
  if (!['=', '~', '~*'].includes(operator)) return null;
  if (names.every((name) => never.has(name))) return 'any';
  // `~ P` is every method with a P in it.
  const isWhole = operator === '=' || /^\^.*\$$/.test(value);
  const left = usual.filter((method) => !names.some((name) => (isWhole ? method === name : method.includes(name))));
  // Whoever may GET may HEAD, which nginx refused here.
  if (!left.includes('HEAD') && left.includes('GET')) return null;
  return left.length > 0 ? left : null;
}

/** Whether it is about methods that nginx often answers for the tool, such as preflights, and that change nothing there. */
export function isOfNoMatter({ operator, value }: Condition): boolean {
  const names = operator.startsWith('~') ? alternatives(value.toUpperCase()) : operator === '=' ? [value] : null;
  return names?.every((name) => ['OPTIONS', 'HEAD', ...never].includes(name)) === true;
}

/** Those that both lists let through; null is any. */
export function bothOf(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null) return other;
  return other === null ? one : one.filter((name) => other.includes(name));
}
