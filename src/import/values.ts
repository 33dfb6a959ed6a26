const milliseconds: Readonly<Record<string, number>> = {
  ...{ ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000 },
  ...{ d: 86_400_000, w: 7 * 86_400_000, M: 30 * 86_400_000, y: 365 * 86_400_000 },
};

/** What Node's timers take; nobody waits for longer. */
const longest = 2 ** 31 - 1;

/** nginx's `60`, `1m30s`, `500ms` as a duration of the gateway; null when it is none, or no time at all. */
export function durationOf(text: string | undefined): string | null {
  if (text === undefined || !/^(?:\d+(?:ms|[smhdwMy])\s*)*(?:\d+\s*)?$/.test(text)) return null;
  let sum = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwMy])?/g))
    sum += Number(number) * (milliseconds[unit] ?? 0);
  if (sum === 0) return null;
  const time = Math.min(sum, longest);
  const unit = ['d', 'h', 'm', 's'].find((each) => time % (milliseconds[each] ?? 1) === 0) ?? 'ms';
  return `${time / (milliseconds[unit] ?? 1)}${unit}`;
}

/** nginx's `10m`, `8k`, `1024` as a size of the gateway; `off` for 0, null when it is none. */
export function sizeOf(text: string | undefined): string | null {
  const [, number, unit = ''] = /^(\d{1,15})([kmg]?)$/i.exec(text ?? '') ?? [];
  if (number === undefined) return null;
  if (Number(number) === 0) return 'off';
  return `${Number(number)}${unit.toLowerCase()}b`;
}
