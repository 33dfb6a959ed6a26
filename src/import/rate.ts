import type { Directive } from './directives';

export interface Rate {
  readonly requests: number;
  readonly per: string;
}

/** The most that `rateLimit.requests` takes. */
const mostRequests = 1_000_000;

/** What requests are counted by, as `limit_req_zone` and `limit_conn_zone` say. */
export type Counted = 'address' | 'some addresses' | 'together' | 'otherwise';

const addresses = /^\$\{?(binary_remote_addr|remote_addr)\}?$/;

/**
 * @param key such as `$binary_remote_addr`
 * @param maps the `map` and `geo` of each variable
 */
export function countedBy(key: string, maps: ReadonlyMap<string, Directive>): Counted {
  if (addresses.test(key)) return 'address';
  if (!key.includes('$') || /^\$(server_name|server_port|server_addr)$/.test(key)) return 'together';
  // nginx counts no request for which the key is empty; the usual way to leave out some.
  const values = maps.get(key)?.block?.map(({ name, args }) => (name === 'include' ? '?' : (args[0] ?? '')));
  const counted = values?.filter((value) => value !== '') ?? [];
  return counted.length > 0 && counted.every((value) => addresses.test(value)) ? 'some addresses' : 'otherwise';
}

/**
 * nginx's `rate=10r/s` with `burst=20` as the gateway's: as many requests in the long run, and no more of them at once than
 * the burst where it holds more than one second (or minute) brings.
 * @returns null where a part of it is not as nginx takes it
 */
export function rateOf(zone: Directive, limit: Directive): Rate | null {
  const [, number, unit] = /^rate=(\d{1,9})r\/([sm])$/.exec(optionOf(zone, 'rate') ?? '') ?? [];
  const burst = /^burst=(\d{1,9})$/.exec(optionOf(limit, 'burst') ?? 'burst=0')?.[1];
  const rate = Number(number);
  if (!number || rate === 0 || burst === undefined) return null;
  // A time is a day at most.
  const units = Math.min(Math.max(Math.floor((Number(burst) + 1) / rate), 1), unit === 's' ? 86_400 : 1_440);
  const requests = rate * units;
  return requests > mostRequests ? null : { requests, per: `${units}${unit ?? ''}` };
}

/** @returns `name=value` */
function optionOf({ args }: Directive, name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`));
}

/** The zone that a limit counts in. */
export function zoneOf({ name, args }: Directive): string | undefined {
  if (name === 'limit_conn') return args[0];
  return args
    .find((arg) => arg.startsWith('zone='))
    ?.slice('zone='.length)
    .split(':', 1)[0];
}

/** The zones of a configuration: by `req` or `conn`, and name. */
export function zonesOf(directives: readonly Directive[]): Map<string, Directive> {
  return new Map(
    directives
      .filter(({ name }) => name === 'limit_req_zone' || name === 'limit_conn_zone')
      .map((zone) => [`${zone.name.replace('_zone', '')} ${zoneOf(zone) ?? ''}`, zone]),
  );
}
