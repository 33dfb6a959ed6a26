const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytes = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;

export const durationPattern = '^\\d+(\\.\\d+)?(ms|s|m|h|d)$';
export const sizePattern = '^\\d+(\\.\\d+)?([bB]|[kKmMgG][bB])$';

const duration = new RegExp(durationPattern);
const size = new RegExp(sizePattern);

/** `500ms`, `5s`, `2m`, `1h`, `365d` in milliseconds; null when it is not one. */
export function parseDuration(value: unknown): number | null {
  const unit = typeof value === 'string' ? duration.exec(value)?.[2] : undefined;
  return unit === undefined ? null : Math.round(parseFloat(value as string) * milliseconds[unit as 'ms']);
}

/** `64kb`, `10mb` in bytes, 1024 to the next unit; null when it is not one. */
export function parseSize(value: unknown): number | null {
  const unit = typeof value === 'string' ? size.exec(value)?.[2] : undefined;
  return unit === undefined ? null : Math.round(parseFloat(value as string) * bytes[unit.toLowerCase() as 'b']);
}
