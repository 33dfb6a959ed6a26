import type { ConnectionNews } from './calls';

/** The connections of clients, by worker: adds them up, so that each worker can be told of those of all others. */
export class ConnectionSums {
  readonly #workers = new Map<number, { readonly clients: Map<string, number>; open: number }>();

  /** Takes over what a worker has. @param news of the clients whose number has changed there */
  take(worker: number, { clients, open }: ConnectionNews): void {
    const known = this.#workers.get(worker) ?? { clients: new Map<string, number>(), open };
    this.#workers.set(worker, known);
    known.open = open;
    for (const [client, count] of clients) {
      if (count > 0) known.clients.set(client, count);
      else known.clients.delete(client);
    }
  }

  /** A worker has ended, and its connections with it. @returns the clients that had some */
  forget(worker: number): string[] {
    const clients = [...(this.#workers.get(worker)?.clients.keys() ?? [])];
    this.#workers.delete(worker);
    return clients;
  }

  /** What the others have. @param clients the ones of interest; all unless given */
  elsewhere(worker: number, clients?: Iterable<string>): ConnectionNews {
    const others = [...this.#workers].flatMap(([id, known]) => (id === worker ? [] : [known]));
    const asked = clients ?? new Set(others.flatMap((known) => [...known.clients.keys()]));
    const sum = (client: string) => others.reduce((total, known) => total + (known.clients.get(client) ?? 0), 0);
    return {
      clients: new Map([...asked].map((client) => [client, sum(client)])),
      open: others.reduce((total, known) => total + known.open, 0),
    };
  }
}
