import { randomBytes } from 'node:crypto';

/** Sessions in memory, at most `capacity` of them: the one unused for longest makes room. */
export class Sessions<T> {
  private readonly entries = new Map<string, { value: T; expires: number }>();

  /** @param idle milliseconds without use after which a session is gone */
  constructor(
    private readonly capacity = 1000,
    private readonly idle = 30 * 60_000,
  ) {}

  create(value: T): string {
    for (const oldest of this.entries.keys()) {
      if (this.entries.size < this.capacity) break;
      this.entries.delete(oldest);
    }
    // Jetty's own shape: node id, random part, worker name.
    const id = `node0${randomBytes(16).toString('hex')}.node0`;
    this.entries.set(id, { value, expires: Date.now() + this.idle });
    return id;
  }

  /**
   * The first live session named by a Cookie field. A browser sends several JSESSIONID when several paths match, so
   * all of them are tried, as Jetty does.
   */
  find(cookieHeader: string | undefined): { id: string; value: T } | undefined {
    for (const id of sessionIds(cookieHeader)) {
      const entry = this.entries.get(id);
      if (entry === undefined) continue;
      this.entries.delete(id);
      if (entry.expires < Date.now()) continue;
      entry.expires = Date.now() + this.idle;
      this.entries.set(id, entry);
      return { id, value: entry.value };
    }
    return undefined;
  }

  delete(id: string): void {
    this.entries.delete(id);
  }

  get size(): number {
    return this.entries.size;
  }
}

function sessionIds(cookieHeader = ''): string[] {
  return cookieHeader
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith('JSESSIONID='))
    .map((pair) => pair.slice('JSESSIONID='.length));
}
