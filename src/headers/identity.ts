import { dashed } from './raw';

/*
 * Fields by which a proxy that has authenticated a person tells a tool who it is. Tools that take them take them from
 * anybody who reaches them, so whoever can write one of them is whoever he likes.
 */

/** As those who write them spell them, in lower case. */
const names = [
  // Authelia and CGI
  'remote-user',
  'remote-name',
  'remote-email',
  'remote-groups',
  // oauth2-proxy and OpenShift's; SonarQube's names
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-roles',
  'x-forwarded-login',
  'x-forwarded-name',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
  'x-forwarded-id-token',
  // OpenSearch
  'x-proxy-user',
  'x-proxy-roles',
  // Keycloak's gatekeeper
  'x-auth-user',
  'x-auth-userid',
  'x-auth-username',
  'x-auth-subject',
  'x-auth-name',
  'x-auth-email',
  'x-auth-groups',
  'x-auth-roles',
  // NiFi
  'x-proxiedentitieschain',
  'x-proxiedentitygroups',
  // Kong
  'x-userinfo',
  'x-credential-identifier',
  'x-credential-username',
  // API gateways, Teleport
  'x-jwt-assertion',
  'x-endpoint-api-userinfo',
  'x-apigateway-api-userinfo',
  'teleport-jwt-assertion',
  // SiteMinder, WebSEAL
  'sm_user',
  'sm_userdn',
  'sm_universalid',
  'iv-user',
  'iv-user-l',
  'iv-groups',
  'iv-creds',
] as const;

const beginnings = [
  'x-remote-',
  'x-auth-request-',
  'x-webauth-',
  'x-authenticated-',
  'x-authentik-',
  'x-pomerium-',
  'x-vouch-',
  // AKHQ's, in its documentation
  'x-akhq-',
  'x-consumer-',
  'tailscale-',
  'x-tailscale-',
  'cf-access-',
  'x-amzn-oidc-',
  'x-goog-authenticated-user-',
  'x-goog-iap-',
  'x-ms-client-principal',
  'x-ms-token-',
  // Apache's mod_auth_openidc and mod_auth_mellon
  'oidc_',
  'mellon_',
] as const;

const spelled: ReadonlySet<string> = new Set(names);
const inAnySpelling: ReadonlySet<string> = new Set(names.map(dashed));
const beginningsInAny = beginnings.map(dashed);

/** Whether a field says who a person is, to a tool that takes `_` and `-` for the same as well. @param name lower case */
export function tellsOfAPerson(name: string): boolean {
  const plain = dashed(name);
  return inAnySpelling.has(plain) || beginningsInAny.some((beginning) => plain.startsWith(beginning));
}

/**
 * Whether the field's name is written as proxies write it. A proxy that takes a client's own field out, or sets it,
 * does so under this name; under another one the client's may have passed it.
 * @param name lower case, of a field that tells of a person
 */
export function isItsOwnSpelling(name: string): boolean {
  if (spelled.has(name)) return true;
  const beginning = beginnings.find((one) => name.startsWith(one));
  return beginning !== undefined && (beginning.includes('_') || !name.includes('_'));
}
