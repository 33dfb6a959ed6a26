import { strictTransport } from '../app/own-page';
import type { Site } from '../app/site';
import { readForwarded, type ClientView, type Peer } from '../headers/forwarded';
import { flatText } from '../headers/flat-text';
import { fieldText } from '../headers/raw';
import { framingByLength, outboundFields, saidRequestId } from '../headers/request';
import type { Mount } from '../mount/mount';
import { readRequestFields, type RequestFields } from './request-head';

/**
 * The field lines of a request, and all that follows from them whatever its target. Clients send the same ones again and
 * again on one connection, so this is worked out once for all those requests.
 */
export class KnownFields {
  readonly lines: string;
  readonly site: Site;
  readonly fields: RequestFields;
  readonly view: ClientView;
  /** The request's id, where a trusted proxy gave it one. */
  readonly saidId: string | null;
  /** The line of Strict-Transport-Security for the answers, with its CRLF; '' where none is sent. */
  readonly hsts: string;
  readonly #peer: Peer;
  /** What `outbound` returned last, and for what. */
  #outbound = '';
  #mount: Mount | null = null;
  #bodiless = false;
  #traced = false;

  private constructor(lines: string, site: Site, fields: RequestFields, view: ClientView, peer: Peer) {
    this.lines = lines;
    this.site = site;
    this.fields = fields;
    this.view = view;
    this.saidId = view.trusted ? saidRequestId(fields.raw) : null;
    const hsts = strictTransport(peer, site.config.listen.https);
    this.hsts = hsts === null ? '' : `Strict-Transport-Security: ${hsts}\r\n`;
    this.#peer = peer;
  }

  /**
   * @param lines latin1; with their CRLFs, without the empty line behind them
   * @returns null for what the relay does not take
   */
  static read(lines: string, site: Site, peer: Peer): KnownFields | null {
    const fields = readRequestFields(lines);
    const view = fields && readForwarded(fields.raw, fields.host, peer, site.trusts, site.config.trustedFields);
    return view && site.serves(view.origin.hostname) ? new KnownFields(lines, site, fields, view, peer) : null;
  }

  /**
   * The field lines of the request to the tool, each with its CRLF: all but `singleFields`.
   * @param traced whether the gateway takes part in its trace
   */
  outbound(method: string, mount: Mount, traced: boolean): string {
    const framing = framingByLength(method, this.fields.length);
    const bodiless = framing === 'none';
    if (mount !== this.#mount || bodiless !== this.#bodiless || traced !== this.#traced) {
      const out = outboundFields(this.fields.raw, mount, {
        view: this.view,
        peer: this.#peer,
        framing,
        websocket: this.fields.websocket,
        expectsContinue: false,
        traced,
      });
      // It is copied into every head.
      this.#outbound = flatText(fieldText(out));
      this.#mount = mount;
      this.#bodiless = bodiless;
      this.#traced = traced;
    }
    return this.#outbound;
  }
}
