import type { Config } from './config';
import { isUnder } from '../mount/path';
import { isLoopback } from './own-address';

/** What is allowed, and most likely not meant: a sentence each, beginning with the field's path. */
export function configWarnings(config: Config): string[] {
  const { listen, trustedProxies, mounts, metrics, notify, traces } = config;
  const warnings: string[] = [];

  if (trustedProxies.some((range) => range.endsWith('/0')))
    warnings.push('trustedProxies: everyone is trusted, so anyone can claim any client address; name your proxies');
  warnings.push(...identityWarnings(config));
  if (listen.http?.mode === 'serve' && trustedProxies.length === 0 && !isLoopback(listen.http.host))
    warnings.push(
      'listen.http.mode: logins travel unencrypted; if a proxy in front does TLS, name it in trustedProxies',
    );

  if (listen.https?.clientCa && listen.https.clientAuth === 'required' && listen.http?.mode === 'serve')
    warnings.push(
      `listen.http.mode: whoever reaches port ${listen.http.port} needs no client certificate; write redirect, or let nobody but your own proxy reach it`,
    );
  const { hsts = null } = listen.https ?? {};
  if (hsts !== null && hsts > 0)
    warnings.push(
      'listen.https.hsts: browsers that have been here ask this host by HTTPS alone from then on, on every port, so http://HOST:3000 and other plain HTTP ports of it no longer open in them; to go back, write 0s (docs/certificates.md)',
    );
  if (metrics?.own === null && metrics.allow.some((range) => range === 'any' || range.endsWith('/0')))
    warnings.push('metrics.allow: everyone who reaches the gateway can read its metrics; name your Prometheus');
  if (notify.webhooks.length > 0 && mounts.every(({ health }) => health === null))
    warnings.push(
      'notify.webhooks: no mount has health, so there is nothing to tell; write the health path of a mount',
    );

  const { rateLimitStore } = config;
  if (rateLimitStore !== null && mounts.every(({ rateLimit }) => rateLimit === null))
    warnings.push('rateLimitStore: no mount has a rateLimit, so nothing is counted; write one, or take the line out');

  const { acme, publicPort = 443 } = listen.https ?? {};
  if (acme?.challenge === 'tls-alpn-01' && publicPort !== 443)
    warnings.push(
      `listen.https.acme.challenge: for tls-alpn-01 the authority comes to port 443, and https is at ${publicPort}; if port 443 leads here, write publicPort: 443, otherwise use http-01`,
    );
  if (traces !== null && new URL(traces.endpoint).port === '4317')
    warnings.push('traces.endpoint: 4317 is the usual port for OTLP over gRPC; OTLP over HTTP has 4318');

  const names = new Map<string, number>();
  mounts.forEach((mount, index) => {
    const field = `mounts[${index}]`;
    const earlier = names.get(mount.name);
    if (earlier === undefined) names.set(mount.name, index);
    else
      warnings.push(
        `${field}.name: "${mount.name}" is also the name of mounts[${earlier}]; people cannot tell them apart`,
      );
    if (!mount.tls.verify)
      warnings.push(
        `${field}.tls.verify: any certificate is accepted from ${mount.target.authority}; name its authority in tls.ca`,
      );
    if (mount.balance !== 'active-standby' && mount.targets.length === 1)
      warnings.push(`${field}.balance: has no effect with one target; list the others in target`);
    else if (mount.balance !== 'active-standby' && mount.kind === 'kpow')
      warnings.push(
        `${field}.balance: this looks like kPow, of which only one may run for the same clusters; take balance out, so that the other targets stand by (or write kind: other)`,
      );
    if (mount.sticky && config.secret === null)
      warnings.push(
        `${field}.sticky: without secret, people may get another target after a restart, and at another gateway; write a secret of 16 characters or more`,
      );
    const doubled = mount.deny.find((path) => mount.path !== '/' && isUnder(path, mount.path));
    if (doubled !== undefined)
      warnings.push(
        `${field}.deny: "${doubled}" is looked for inside the mount; write ${doubled.slice(mount.path.length) || 'a path inside it'} if ${doubled} is what people ask for`,
      );
    if (mount.rateLimit !== null && mount.rateLimit.whenStoreAway !== 'count-alone' && rateLimitStore === null)
      warnings.push(
        `${field}.rateLimit.whenStoreAway: has no effect without rateLimitStore: this gateway counts for itself`,
      );
    if (mount.origins === 'any')
      warnings.push(
        `${field}.origins: any page that somebody looks at can open websockets with their login; name the origins`,
      );
    if (mount.health === null && mount.required)
      warnings.push(`${field}.required: has no effect without health; write the tool's health path there`);
    else if (mount.health === null && mount.kind === 'kpow')
      warnings.push(`${field}.health: kPow says how it is at /healthy; write health: /healthy to see it on the portal`);
  });
  return warnings;
}

function identityWarnings({ mounts, trustedProxies }: Config): string[] {
  const { name } = mounts.find(({ trustedIdentity }) => trustedIdentity) ?? {};
  if (name === undefined) return [];
  if (trustedProxies.length === 0)
    return [
      `trustedIdentity: has no effect for ${name}: nobody is in trustedProxies; name the proxies there that authenticate people`,
    ];
  if (trustedProxies.some((range) => range.endsWith('/0')))
    return [`trustedIdentity: everyone is trusted, so anyone can be any person to ${name}; name your proxies`];
  return [];
}
