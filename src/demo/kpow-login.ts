import type { IncomingMessage } from 'node:http';
import { redirect } from './answer';
import type { Answer } from './answer';
import { postedForm } from './posted-form';
import type { RequestOrigin } from './request-origin';
import { Sessions } from './sessions';

/** The form login of a servlet container: `j_security_check`, and a JSESSIONID that is Secure only over https. */
export class KpowLogin {
  private readonly sessions = new Sessions<{ readonly user: string }>();

  /** @param landingUri where a login ends instead of at the root */
  constructor(private readonly landingUri?: string) {}

  userOf(request: IncomingMessage): string | null {
    return this.sessions.find(request.headers.cookie)?.value.user ?? null;
  }

  /** @param home the root as an absolute URL */
  async signIn(request: IncomingMessage, origin: RequestOrigin, home: string): Promise<Answer> {
    const form = await postedForm(request);
    if (!(form instanceof URLSearchParams)) return form;
    const user = form.get('j_username');
    if (user !== 'admin' || form.get('j_password') !== 'admin') return redirect(`${home}login?failed`);
    // Whatever id the browser brought, it gets a new one: no session fixation.
    this.forget(request);
    return redirect(this.landingUri ?? home, sessionCookie(this.sessions.create({ user }), origin));
  }

  async signOut(request: IncomingMessage, origin: RequestOrigin, home: string): Promise<Answer> {
    const form = await postedForm(request);
    if (!(form instanceof URLSearchParams)) return form;
    this.forget(request);
    return redirect(`${home}login`, sessionCookie('', origin, '; Max-Age=0'));
  }

  private forget(request: IncomingMessage): void {
    const session = this.sessions.find(request.headers.cookie);
    if (session !== undefined) this.sessions.delete(session.id);
  }
}

function sessionCookie(id: string, { scheme }: RequestOrigin, more = '') {
  const secure = scheme === 'https' ? '; Secure' : '';
  return { 'Set-Cookie': `JSESSIONID=${id}; Path=/${secure}; HttpOnly; SameSite=Strict${more}` };
}
