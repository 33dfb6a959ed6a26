import { startGateway } from '../support/gateway';
import { mountFor, type Entrance } from '../support/ways/entrance';
import { attack, Bystander, type Attempt, type Heard } from './attack';
import type { Arrived, Reader } from './readers/reader';
import type { SmugglingCase } from './smuggling-case';
import { judge, type Problem } from './verdict';

export interface CaseResult {
  readonly name: string;
  readonly by: Entrance;
  /** Whether its bytes came in pieces. */
  readonly cut: boolean;
  /** None, where the gateway survived it. */
  readonly problems: readonly Problem[];
  /** Whether a client behind it was answered by the connection to the tool that the case went by. */
  readonly reused: boolean;
}

export interface TableRun {
  readonly results: readonly CaseResult[];
  /** What reached the tool and belongs to no case. */
  readonly strays: readonly Arrived[];
}

/**
 * Each is a mount of one letter, with its own connections to the tool, on which cases are tried one after another: the
 * connection that one may have poisoned is the one that the next client gets.
 */
const lanes = Array.from({ length: 26 }, (_, i) => String.fromCharCode(0x61 + i));

/**
 * Tries cases by one way. What reached the tool is judged when the gateway has stopped, and nothing more can come.
 * @param cutEvery of so many cases, one comes in pieces as well
 */
export async function runTable(
  cases: readonly SmugglingCase[],
  by: Entrance,
  reader: Reader,
  cutEvery = Infinity,
): Promise<TableRun> {
  const some = cases.filter(({ tools }) => reader.tools.includes(tools));
  const attempts: Attempt[] = [
    ...some.map((tried) => ({ tried, cut: false })),
    ...some.filter((_, i) => i % cutEvery === 0).map((tried) => ({ tried, cut: true })),
  ].map((attempt, i) => ({ ...attempt, place: placeOf(i) }));
  const gateway = await startGateway({
    listen: { https: 'off', http: { mode: 'serve' } },
    // Bodies are followed for as long as they say they are.
    limits: { body: 'off' },
    mounts: lanes.map((lane) => ({ path: `/${lane}`, target: reader.url, prefix: 'keep', ...mountFor(by) })),
  });
  const heard = new Map<Attempt, Heard>();
  await Promise.all(
    lanes.map(async (lane) => {
      // A case that is not the relay's goes by the app.
      const others = by === 'relay' ? (['relay', 'app'] as const) : ([by] as const);
      const bystanders = others.map((each) => new Bystander(each, gateway.httpPort));
      for (const attempt of attempts.filter(({ place }) => place.startsWith(`/${lane}/`)))
        heard.set(attempt, await attack(attempt, by, gateway.httpPort, bystanders));
      for (const bystander of bystanders) bystander.leave();
    }),
  );
  await gateway.stop();
  await reader.close();

  const arrived = groupBy(reader.arrived, ({ target }) => placeIn(target));
  const logged = groupBy(gateway.lines.flatMap(answeredRequest), ({ path }) => placeIn(path));
  const results = attempts.map((attempt): CaseResult => {
    const { tried, cut, place } = attempt;
    const own = arrived.get(place) ?? [];
    const observed = { heard: heard.get(attempt)!, arrived: own, logged: logged.get(place) ?? [] };
    return { name: tried.name, by, cut, problems: judge(attempt, observed), reused: isReused(own, place) };
  });
  const places = new Set(attempts.map(({ place }) => place));
  return { results, strays: reader.arrived.filter(({ target }) => !places.has(placeIn(target))) };
}

/** As long as `/tool`: a lane, and a number of its own. */
const placeOf = (i: number) =>
  `/${lanes[i % lanes.length] ?? ''}/${Math.floor(i / lanes.length)
    .toString(36)
    .padStart(2, '0')}`;

const placeIn = (target: string) => /^\/[a-z]\/[0-9a-z]{2}(?![^/?])/.exec(target)?.[0] ?? '';

/** From a line of the log: a request that a tool has answered. */
function answeredRequest({ method, path, upstreamMs }: Record<string, unknown>) {
  return typeof upstreamMs === 'number' ? [{ method: String(method), path: String(path) }] : [];
}

function isReused(arrived: readonly Arrived[], place: string): boolean {
  const isVictim = ({ target }: Arrived) => target === `${place}/victim`;
  const ofCase = arrived.filter((what) => !isVictim(what) && what.marker !== 'before' && what.kind === 'request');
  return arrived.some((what) => isVictim(what) && ofCase.some(({ connection }) => connection === what.connection));
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
