import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Directive } from './directives';

/** A list that is longer is not read by anybody. */
const mostRanges = 64;

interface Range {
  readonly bits: 32 | 128;
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Whom `allow` and `deny` let through: nginx takes the first rule that fits an address, and lets through where none fits.
 * @returns what to write in `allow`; `any` for everybody, null where no list of a readable length says it
 */
export function allowedBy(rules: readonly Directive[]): readonly string[] | 'any' | null {
  const end = rules.findIndex(({ args }) => args[0] === 'all');
  const last = rules[end];
  const before = last === undefined ? rules : rules.slice(0, end);
  const allowsAll = before.every(({ name }) => name === 'allow');
  if (last?.name !== 'deny') return allowsAll ? 'any' : null;
  const ranges = before.map(({ args }) => rangeOf(args[0] ?? ''));
  if (ranges.includes(undefined)) return null;
  // The gateway listens on no socket files, so that nobody comes from one.
  if (allowsAll) return before.flatMap(({ args }) => (args[0] === 'unix:' ? [] : (args[0] ?? [])));

  let allowed: Range[] = [];
  const taken: Range[] = [];
  for (const [index, range] of ranges.entries()) {
    if (!range) continue;
    if (before[index]?.name === 'allow') {
      const fresh = taken.reduce((left, each) => left.flatMap((one) => without(one, each)), [range]);
      allowed = [...allowed, ...fresh];
    }
    taken.push(range);
    if (allowed.length > mostRanges) return null;
  }
  const written = allowed.flatMap(cidrsOf);
  return written.length > mostRanges ? null : written;
}

/** @returns null for what no address of the network is in, undefined for what is no address */
function rangeOf(text: string): Range | null | undefined {
  if (text === 'unix:') return null;
  const [address = '', length] = text.split('/', 2);
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  const parsed = ipaddr.parse(address);
  const bits = parsed.kind() === 'ipv4' ? 32 : 128;
  const size = length === undefined ? bits : Number(length);
  if (!/^\d{1,3}$/.test(length ?? '0') || size > bits) return undefined;
  const value = parsed.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const span = 1n << BigInt(bits - size);
  const from = value - (value % span);
  return { bits, from, to: from + span - 1n };
}

function without(range: Range, gone: Range): Range[] {
  if (range.bits !== gone.bits || gone.to < range.from || gone.from > range.to) return [range];
  const parts: Range[] = [];
  if (gone.from > range.from) parts.push({ ...range, to: gone.from - 1n });
  if (gone.to < range.to) parts.push({ ...range, from: gone.to + 1n });
  return parts;
}

function cidrsOf({ bits, from, to }: Range): string[] {
  const found: string[] = [];
  for (let at = from; at <= to;) {
    let size = 0;
    while (size < bits && at % (1n << BigInt(size + 1)) === 0n && at + (1n << BigInt(size + 1)) - 1n <= to) size++;
    const bytes = Array.from({ length: bits / 8 }, (_, i) => Number((at >> BigInt(bits - 8 * (i + 1))) & 255n));
    const address = ipaddr.fromByteArray(bytes).toString();
    found.push(size === 0 ? address : `${address}/${bits - size}`);
    at += 1n << BigInt(size);
  }
  return found;
}

/** Whether it is something that `trustedProxies` and `allow` take. */
export function isAddressRange(text: string): boolean {
  return Boolean(rangeOf(text));
}
