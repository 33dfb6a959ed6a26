import type http from 'node:http';
import { UpstreamPool, type UpstreamRoute } from '../relay/upstream-pool';
import { createAgent } from './agent';
import { keepAlive, loginKeepAlive } from './keep-alive';

/** The connections to one target; they are kept over a reload that does not change how it is reached. */
export class Connections {
  readonly agent: http.Agent;
  /** The relay's. */
  readonly pool: UpstreamPool;
  /** Requests and websockets under way. */
  inUse = 0;
  readonly #route: UpstreamRoute;
  /** Each keeps the connections that belong to one client's connection. */
  readonly #private = new Set<http.Agent>();

  constructor(route: UpstreamRoute) {
    this.#route = route;
    this.agent = createAgent(route, route.tls, keepAlive);
    this.pool = new UpstreamPool(route, keepAlive);
  }

  /** How many connections carry a request, and how many wait for one; websockets are neither. */
  get counts(): { readonly active: number; readonly idle: number } {
    let { active, idle } = this.pool.counts;
    for (const { sockets, freeSockets } of [this.agent, ...this.#private]) {
      active += count(sockets);
      idle += count(freeSockets);
    }
    return { active, idle };
  }

  /** Connections to the same target that only the caller uses; the caller gives them to `endPrivate`. */
  makePrivate(): http.Agent {
    const own = createAgent(this.#route, this.#route.tls, loginKeepAlive);
    this.#private.add(own);
    return own;
  }

  endPrivate(own: http.Agent): void {
    this.#private.delete(own);
    own.destroy();
  }

  /** Requests under way end on the connections that they have; the others are closed. */
  retire(): void {
    this.pool.end();
  }

  /** Closes all connections of Node's agent too, whether they are used or not. */
  end(): void {
    this.retire();
    for (const agent of [this.agent, ...this.#private]) agent.destroy();
  }
}

function count(sockets: NodeJS.ReadOnlyDict<unknown[]>): number {
  return Object.values(sockets).reduce((sum, list) => sum + (list?.length ?? 0), 0);
}
