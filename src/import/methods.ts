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

/** The methods that an `if` on `$request_method` with a refusal leaves; null where the gateway has no such list. */
export function methodsLeftBy({ operator, value }: Condition): string[] | null {
  const written = operator.endsWith('*') ? value.toUpperCase() : value;
  const names = operator.includes('~') ? alternatives(written) : [written];
  // `^P` would be several.
  if (names === null || names.some((name) => !METHODS.includes(name))) return null;
  if (operator.startsWith('!')) return withHead(names);
  if (!['=', '~', '~*'].includes(operator)) return null;
  const left = usual.filter((name) => !names.includes(name));
  // Whoever may GET may HEAD, which nginx refused here.
  return names.includes('HEAD') && left.includes('GET') ? null : left;
}

/** Those that both lists let through; null is any. */
export function bothOf(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null) return other;
  return other === null ? one : one.filter((name) => other.includes(name));
}
