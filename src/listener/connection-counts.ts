/** The open connections of clients: of this process, and of others that serve the same ports. */
export class ConnectionCounts {
  readonly #here = new Map<string, number>();
  readonly #elsewhere = new Map<string, number>();
  readonly #changed: (client: string) => void;
  #openHere = 0;
  #openElsewhere = 0;

  /** @param changed called when a client has one connection more or less in this process */
  constructor(changed: (client: string) => void = () => undefined) {
    this.#changed = changed;
  }

  of(client: string): number {
    return this.ofHere(client) + (this.#elsewhere.get(client) ?? 0);
  }

  ofHere(client: string): number {
    return this.#here.get(client) ?? 0;
  }

  get open(): number {
    return this.#openHere + this.#openElsewhere;
  }

  get openHere(): number {
    return this.#openHere;
  }

  opened(client: string): void {
    this.#openHere++;
    set(this.#here, client, this.ofHere(client) + 1);
    this.#changed(client);
  }

  closed(client: string): void {
    this.#openHere--;
    set(this.#here, client, this.ofHere(client) - 1);
    this.#changed(client);
  }

  /** Takes over what other processes have: of some clients, and in all. */
  elsewhere({ clients, open }: { readonly clients: ReadonlyMap<string, number>; readonly open: number }): void {
    for (const [client, count] of clients) set(this.#elsewhere, client, count);
    this.#openElsewhere = open;
  }
}

function set(counts: Map<string, number>, client: string, count: number): void {
  if (count > 0) counts.set(client, count);
  else counts.delete(client);
}
