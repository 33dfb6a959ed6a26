import type http from 'node:http';
import type { Socket } from 'node:net';
import { clientSocketOf } from '../listener/inner-socket';
import type { Connections } from './connections';
import type { Upstream } from './route';

/**
 * NTLM and Negotiate sign a connection in, not a request. Such a connection to a tool belongs to the client's connection
 * that signed it in, and ends with it: to anybody else it would show that person's pages (nginx: `ntlm`).
 */
const byClient = new WeakMap<Socket, Map<Connections, http.Agent>>();

/** Keeps the connections that only this client's connection uses, instead of the shared ones; null where it shares them. */
export function privateConnections(client: Socket, shared: Connections): http.Agent | null {
  return byClient.get(clientSocketOf(client))?.get(shared) ?? null;
}

/** The same, which are made where there are none yet. */
export function makePrivateConnections(carrier: Socket, shared: Connections): http.Agent {
  const client = clientSocketOf(carrier);
  const before = privateConnections(client, shared);
  if (before) return before;
  const own = shared.makePrivate();
  const all = byClient.get(client) ?? new Map<Connections, http.Agent>();
  if (!byClient.has(client)) {
    byClient.set(client, all);
    client.once('close', () => {
      for (const [from, mine] of all) from.endPrivate(mine);
    });
  }
  if (client.destroyed) shared.endPrivate(own);
  else all.set(shared, own);
  return own;
}

/** The target at which this client's connection is signed in; null where it is at none of these. */
export function signedInAt(client: Socket, upstreams: readonly Upstream[]): Upstream | null {
  const all = byClient.get(clientSocketOf(client));
  return (all && upstreams.find(({ connections }) => all.has(connections))) ?? null;
}
