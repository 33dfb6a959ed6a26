import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Sessions } from './sessions';

/** Counts page views a browser, with a session cookie named JSESSIONID at `path`. */
export class Visits {
  private readonly sessions = new Sessions<{ count: number }>();

  constructor(private readonly path: string) {}

  /** @returns which view this is, and the header fields of the answer: Set-Cookie, for a new session */
  count(request: IncomingMessage): { readonly views: number; readonly cookie: OutgoingHttpHeaders } {
    const session = this.sessions.find(request.headers.cookie);
    if (session !== undefined) return { views: ++session.value.count, cookie: {} };
    const id = this.sessions.create({ count: 1 });
    return { views: 1, cookie: { 'Set-Cookie': `JSESSIONID=${id}; Path=${this.path}; HttpOnly; SameSite=Lax` } };
  }
}
