import type http from 'node:http';
import { UpstreamPool, type UpstreamRoute } from '../relay/upstream-pool';
import { createAgent } from './agent';
import { keepAlive as usualKeepAlive, loginKeepAlive, type KeepAlive } from './keep-alive';

/** The connections to one target; they are kept over a reload that does not change how it is reached. */
export class Connections {
  readonly agent: http.Agent;
  /** The relay's. */
  readonly pool: UpstreamPool;
  /** Requests and websockets under way. */
  inUse = 0;
  readonly #route: UpstreamRoute;
  /** Those that belong to one client's connection each. */
  readonly #private = new Set<Connections>();

  constructor(route: UpstreamRoute, keepAlive: KeepAlive = usualKeepAlive) {
    this.#route = route;
    this.agent = createAgent(route, route.tls, keepAlive);
    this.pool = new UpstreamPool(route, keepAlive);
  }

  /** How many connections carry a request, and how many wait for one; websockets are neither. */
  get counts(): { readonly active: number; readonly idle: number } {
    let { active, idle } = this.pool.counts;
    active += count(this.agent.sockets);
    idle += count(this.agent.freeSockets);
    for (const { counts } of this.#private) {
      active += counts.active;
      idle += counts.idle;
    }
    return { active, idle };
  }

  /** Connections to the same target that only the caller uses; the caller gives them to `endPrivate`. */
  makePrivate(): Connections {
    const own = new Connections(this.#route, loginKeepAlive);
    this.#private.add(own);
    return own;
  }

  endPrivate(own: Connections): void {
    this.#private.delete(own);
    own.end();
  }

  /** Requests under way end on the connections that they have; the others are closed. */
  retire(): void {
    this.pool.end();
    for (const own of this.#private) own.retire();
  }

  /** Closes all connections of Node's agent too, whether they are used or not. */
  end(): void {
    this.retire();
    this.agent.destroy();
    for (const own of this.#private) own.end();
  }
}

function count(sockets: NodeJS.ReadOnlyDict<unknown[]>): number {
  return Object.values(sockets).reduce((sum, list) => sum + (list?.length ?? 0), 0);
}
