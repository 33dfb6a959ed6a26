import { tellsOfAPerson } from '../headers/identity';
import { requestFieldEnds } from '../headers/request';

/** What of a mount decides whether a header is the gateway's own. */
export interface HeaderFacts {
  /** The mount's path. */
  readonly path: string;
  readonly strips: boolean;
  readonly clientCertificates: boolean;
  /** Whether it is served in plain HTTP. */
  readonly plain: boolean;
  /** Whether the tool is asked by its own name: `host: target`. */
  readonly ownName: boolean;
}

const words = (...values: readonly string[]) => new RegExp(`^(?:${values.join('|')})$`, 'i');
const scheme = words('\\$scheme', 'https?', '\\$proxy_x_forwarded_proto', '\\$forwarded_proto');
const name = words('\\$(?:http_)?host(?::\\$server_port)?', '\\$server_name(?::\\$server_port)?');

/** What each field may hold for the gateway to send the same by itself. */
const sentAnyway: Readonly<Record<string, RegExp>> = {
  'x-real-ip': words('\\$(?:remote_addr|realip_remote_addr|http_x_real_ip)'),
  'x-forwarded-for': words('\\$proxy_add_x_forwarded_for', '\\$remote_addr'),
  'x-forwarded-proto': scheme,
  'x-forwarded-host': name,
  'x-forwarded-port': words('\\$server_port', '\\d+'),
  'x-request-id': words('\\$request_id'),
  forwarded: /./,
  upgrade: words('\\$http_upgrade', 'websocket'),
  connection: words('upgrade', '\\$connection_upgrade', '\\$http_connection', '', 'keep-alive', 'close'),
};

const ofCertificates: Readonly<Record<string, string>> = {
  'x-ssl-client-verify': '$ssl_client_verify',
  'x-ssl-client-dn': '$ssl_client_s_dn',
};

/** What is to be said of a field; null where the gateway does the same. */
export interface Judgement {
  readonly remark: string | null;
  /** Whether the tool would believe of a client what nginx kept from it. */
  readonly guards: boolean;
}

const same: Judgement = { remark: null, guards: false };
const told = (remark: string): Judgement => ({ remark, guards: false });
const guarding = (remark: string): Judgement => ({ remark, guards: true });

/** What a tool that gets no such field answers differently, and no more freely. */
const harmless = new Set([
  ...['accept', 'accept-charset', 'accept-encoding', 'accept-language', 'cache-control', 'dnt', 'early-data', 'expect'],
  ...['if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'keep-alive', 'origin'],
  ...['pragma', 'priority', 'proxy-connection', 'range', 'referer', 'te', 'trailer', 'user-agent', 'via'],
  ...['connection', 'upgrade'],
]);
const ofAPerson =
  /user|mail|group|role|auth|ident|account|tenant|login|principal|admin|subject|token|key|secret|passw|signature|permission|scope|claim|verif|jwt|cert|cookie|session|email|person|(^|-)(dn|uid|sub|org|name)$/;
/** Where somebody comes from, by which tools let people in. */
const ofAnAddress = /\$\{?(?:\w*remote_addr|proxy_add_x_forwarded_for|proxy_protocol_addr|http_x_real_ip|geoip)/;
/** What everybody knows of a request. */
const ofThePlace =
  /^(?:\$(?:scheme|host|http_host|server_name|server_port|request_uri|document_uri|uri|is_args|args|request_method)|:\/\/|[:?])+$/;
const valueOfAPerson =
  /\$\{?(remote_user|ssl_client_|auth|upstream_http_|jwt_|oidc|user|email|groups?\b|cookie_|sent_http_)/;

/**
 * What to say of a `proxy_set_header`. `Host` is for `hostOf`.
 * @param connection the names of the variables that a `map $http_upgrade` makes
 */
export function judgeHeader(
  field: string,
  value: string,
  { path, strips, clientCertificates, plain, ownName }: HeaderFacts,
  connection: ReadonlySet<string>,
): Judgement {
  const low = field.toLowerCase();
  if (low === 'connection' && connection.has(value)) return same;
  if (plain && tellsOfTls(low, value)) return told(tlsInFront);
  if (ownName && (low === 'x-forwarded-host' || low === 'x-forwarded-port'))
    return value.startsWith('$proxy_') ? same : told(ownNameInAll);
  if (sentAnyway[low]?.test(value) === true) return same;
  if (low === 'x-forwarded-prefix' && strips && value.replace(/\/$/, '') === path) return same;
  if (clientCertificates && ofCertificates[low] === value) return same;
  const asSent = value === `$http_${low.replaceAll('-', '_')}`;
  if (/^x-forwarded-|^x-real-ip$/.test(low) && asSent)
    return told(
      'the gateway believes what a client says of itself from trustedProxies alone; name the proxies in front there',
    );
  if (requestFieldEnds(low)) {
    if (value === '') return same;
    if (asSent && tellsOfAPerson(low))
      return told(
        'the tool gets this field from trustedProxies alone, with trustedIdentity: true; from nobody otherwise',
      );
    if (asSent) return told('such a field of the client ends at the gateway; the tool does not get it');
    const isOfAPerson = valueOfAPerson.test(value) && !(clientCertificates && value.startsWith('$ssl_client_'));
    return isOfAPerson
      ? guarding('the tool does not get this field, so that it does not know who asks; let it ask for a login')
      : told(noneOfYourOwn);
  }
  if (asSent) return same;
  if (value === '')
    return harmless.has(low)
      ? told('the gateway does not take this field out; see whether the tool can do without')
      : guarding('the tool gets this field as the client sends it; see that it believes no such field');
  if (ofAnAddress.test(value) && !harmless.has(low))
    return guarding(
      'the tool gets this field as the client sends it, who may write any address in it; see that it believes none',
    );
  if (harmless.has(low) || ofThePlace.test(value)) return told(noneOfYourOwn);
  return ofAPerson.test(low) || valueOfAPerson.test(value)
    ? guarding(
        'the tool gets this field as the client sends it, who may write anything in it; see that it believes none',
      )
    : told(noneOfYourOwn);
}

const ownNameInAll =
  'with host: target the gateway names the target here too, as in Origin; write host: client if the tool makes its links of this';
const noneOfYourOwn = 'the gateway adds no fields of your own; see whether the tool needs it, and has a setting for it';
const tlsInFront =
  'nginx listens in plain HTTP here, and told the tool that people use https: name the proxy that does TLS in trustedProxies unless it stands there, and let it send X-Forwarded-Proto; until then the tool is told http';

/** Whether a server in plain HTTP says of itself that it is reached by https. */
function tellsOfTls(low: string, value: string): boolean {
  if (['x-forwarded-proto', 'x-forwarded-scheme', 'x-scheme', 'x-url-scheme'].includes(low))
    return /^https$/i.test(value) || /^\$(proxy_x_forwarded_proto|forwarded_proto)$/.test(value);
  if (['x-forwarded-ssl', 'front-end-https', 'x-forwarded-https', 'x-proxied-https'].includes(low))
    return /^on$/i.test(value);
  return low === 'x-forwarded-port' && value === '443';
}

/** Which `Host` the tool gets; null where it is another one. @param targets authorities of the tool */
export function hostOf(value: string | undefined, targets: readonly string[]): 'client' | 'target' | null {
  if (value === undefined || value === '$proxy_host' || value === '$proxy_host:$proxy_port') return 'target';
  if (name.test(value)) return 'client';
  return targets.includes(value) ? 'target' : null;
}
