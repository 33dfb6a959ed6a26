import type { AcmeConfig } from '../config/config';
import { printable } from '../observe/printable';

const prefix = 'urn:ietf:params:acme:error:';

/** An order that came to nothing. The message is a sentence for people, without what to do. */
export class AcmeFailure extends Error {
  override readonly name = 'AcmeFailure';

  /**
   * @param code the last part of the problem's type (RFC 8555 §6.7), a code of Node's for a connection that failed, or
   *   one of `advice`'s own
   * @param retryAfter milliseconds that the authority wants to be left alone; null when it did not say
   */
  constructor(
    readonly code: string,
    message: string,
    readonly retryAfter: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A problem document, or whatever came in its place (RFC 8555 §6.7; RFC 9457). */
export function failureOf(
  problem: unknown,
  { domain, status, retryAfter = null }: { domain?: string; status?: number; retryAfter?: number | null },
): AcmeFailure {
  const { type, detail, subproblems } = (typeof problem === 'object' && problem !== null ? problem : {}) as Record<
    string,
    unknown
  >;
  const code = typeof type === 'string' && type.startsWith(prefix) ? type.slice(prefix.length) : 'unknown';
  // Without a domain it is not a challenge that was refused.
  const meant = code === 'unauthorized' && domain === undefined ? 'accountRefused' : code;
  const details = [detail, ...(Array.isArray(subproblems) ? subproblems.map(detailOf) : [])];
  const said = details.filter((text): text is string => typeof text === 'string' && text !== '').join('; ');
  const of = domain === undefined ? '' : ` of ${domain}`;
  const answered = status === undefined ? '' : ` (HTTP ${status})`;
  return new AcmeFailure(
    printable(meant.slice(0, 50)),
    `the authority says${of}${answered}: ${said === '' ? 'nothing more' : shortened(said)}`,
    retryAfter,
  );
}

function detailOf(problem: unknown): unknown {
  return typeof problem === 'object' && problem !== null ? (problem as { detail?: unknown }).detail : null;
}

function shortened(text: string): string {
  return printable(text.length > 500 ? `${text.slice(0, 497)}...` : text);
}

/** What helps: a sentence without a full stop. */
export function adviceFor(code: string, acme: AcmeConfig): string {
  const port = acme.challenge === 'http-01' ? 80 : 443;
  const listener = acme.challenge === 'http-01' ? 'listen.http' : 'listen.https';
  const leadHere = `let port ${port} of ${acme.domains.join(', ')} lead to ${listener}, from everywhere`;
  switch (code) {
    case 'connection':
    case 'tls':
      return leadHere;
    case 'unauthorized':
    case 'incorrectResponse':
      return `something else answers there, or another gateway with a storage folder of its own: ${leadHere}`;
    case 'dns':
      return `give ${acme.domains.join(', ')} public A or AAAA records that lead to this gateway`;
    case 'caa':
      return "a CAA record of the domain forbids this authority; add one for it, or use the domain's own authority";
    case 'rateLimited':
      return 'nothing helps but waiting; try things out with directory: letsencrypt-staging';
    case 'rejectedIdentifier':
    case 'unsupportedIdentifier':
      return 'take that name out of domains: this authority does not issue for it';
    case 'externalAccountRequired':
      return 'write eab with the key that the authority gave you';
    case 'invalidContact':
    case 'unsupportedContact':
      return 'write another email, or take it out';
    case 'userActionRequired':
      return "the authority's terms of service have changed; read them at the address it names";
    case 'accountRefused':
    case 'accountDoesNotExist':
      return 'check eab, where the authority wants it; if it no longer takes the account, remove its key from the folder accounts in acme.storage';
    case 'noChallenge':
      return `write challenge: ${acme.challenge === 'http-01' ? 'tls-alpn-01' : 'http-01'}, or use another authority`;
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return "the directory's own certificate is from a private authority; name its file in acme.ca";
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'ETIMEDOUT':
    case 'ECONNABORTED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `let this machine reach ${new URL(acme.directory).host} (a proxy is taken from HTTPS_PROXY), or check directory`;
    case 'EACCES':
    case 'EROFS':
    case 'ENOSPC':
    case 'EPERM':
      return 'let the gateway write to the folder acme.storage';
    default:
      return 'it is tried again by itself; if it stays, look at the status page of the authority';
  }
}
