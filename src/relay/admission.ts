import { routeTo, type Site } from '../app/site';
import { signsConnectionIn } from '../headers/connection-login';
import type { Peer } from '../headers/forwarded';
import { certificateRefusal } from '../listener/client-certificate';
import { isTooLarge, passageOf, refusalByHealth } from '../mount/passage';
import { isUnder } from '../mount/path';
import { AdmittedRequest } from './admitted-request';
import { KnownFields } from './known-fields';
import type { FramedRequest } from './detour';
import { readRequestFields, readRequestLine, type RequestLine } from './request-head';

/**
 * Characters of a text of which something is remembered, for each connection: a part of a string keeps the whole of it
 * in memory, here a body as well.
 */
const longestRemembered = 4 * 1024;

/**
 * Decides which requests of a connection are the relay's. Clients that poll or scrape send the same head over and over,
 * and browsers the same field lines: what followed from them the last time follows again.
 */
export class Admission {
  readonly #site: () => Site;
  readonly #peer: Peer;
  #fields: KnownFields | null = null;
  #text = '';
  #request: AdmittedRequest | null = null;

  constructor(site: () => Site, peer: Peer) {
    this.#site = site;
    this.#peer = peer;
  }

  /** The request of a head that is the last one's again. @param text latin1, a head and nothing behind it */
  again(text: string): AdmittedRequest | null {
    const request = this.#request;
    if (text !== this.#text || !request) return null;
    const { known, passage } = request;
    const { mount, upstreamTarget } = passage;
    if (known.site !== this.#site()) return null;
    const status = known.site.board.statusOf(mount.config);
    return refusalByHealth(mount, upstreamTarget, status) === null ? request : null;
  }

  /**
   * @param text latin1, a head and what stands behind it
   * @param end where its field lines have ended
   * @returns null when the request is not the relay's
   */
  admit(text: string, end: number): AdmittedRequest | null {
    const site = this.#site();
    const line = readRequestLine(text);
    if (!line || line.target.length > site.config.limits.url || isElsewhere(line, this.#peer, site)) return null;
    const remembers = text.length <= longestRemembered;
    const known = this.#fieldsOf(text.slice(line.end, end), site, remembers);
    if (!known || (known.fields.websocket && !isHandshake(line, known))) return null;
    const { raw, websocket, length } = known.fields;
    // The connection to the tool is signed in with it: it is the app's, as is all that this client asks of the tool later.
    if (signsConnectionIn(raw)) return null;
    if (raw.length > site.config.limits.fields * 2) return null;
    const asked = { method: line.method, raw, view: known.view, websocket };
    const passage = passageOf(line.target, asked, site.table, (mount) => site.board.statusOf(mount));
    if (!passage || passage.redirect !== null || passage.refusal !== null) return null;
    if (isTooLarge(Number(length ?? 0), passage.mount.config.limits)) return null;
    // What the tool answers may have to be rewritten.
    if (passage.mount.adopts) return null;
    // It is counted before it is answered, and that may take a while.
    if (passage.mount.config.rateLimit !== null) return null;
    const request = new AdmittedRequest(line, passage, routeTo(site, passage.mount), known);
    if (remembers && text.length === end + 2) {
      this.#text = text;
      this.#request = request;
    }
    return request;
  }

  #fieldsOf(lines: string, site: Site, remembers: boolean): KnownFields | null {
    const last = this.#fields;
    if (last?.lines === lines && last.site === site) return last;
    const known = KnownFields.read(lines, site, this.#peer);
    this.#fields = remembers ? known : null;
    return known;
  }
}

/**
 * What is known of a request that is not the relay's.
 * @param text latin1, a head and what stands behind it
 * @param end where its field lines have ended
 * @returns null where it is open to doubt what it is, or where it ends
 */
export function frame(text: string, end: number): FramedRequest | null {
  const line = readRequestLine(text);
  const fields = line && readRequestFields(text.slice(line.end, end));
  if (!fields) return null;
  const { websocket } = fields;
  if (websocket && !isHandshake(line, { fields })) return null;
  return { method: line.method, length: Number(fields.length ?? 0), websocket };
}

/** What the app answers for itself: redirects to HTTPS, who lacks a certificate, and challenges of an ACME authority. */
function isElsewhere({ target }: RequestLine, peer: Peer, { config: { listen } }: Site): boolean {
  const { https, http } = listen;
  if (!peer.secure && http?.mode === 'redirect' && https) return true;
  if (certificateRefusal(peer, https)) return true;
  return Boolean(https?.acme) && isUnder(target, '/.well-known/acme-challenge');
}

/** RFC 6455 §4.2.1: bytes behind a handshake's head would be a second request to whoever reads them as one. */
function isHandshake({ method }: RequestLine, { fields }: Pick<KnownFields, 'fields'>): boolean {
  return method === 'GET' && Number(fields.length ?? 0) === 0;
}
