import type { Config } from '../config/config';
import type { ClientView, Peer } from '../headers/forwarded';
import { certificateRefusal } from '../listener/client-certificate';
import { isUnder, pathOf } from '../mount/path';
import type { ProxyError } from '../upstream/proxy-error';
import type { Site } from './site';

type Listen = Config['listen'];

/*
 * What is decided of a request before its mount is looked for, in this order. All of them take its target in
 * origin-form.
 */

/** Whether a request is for a name that is not served, or that somebody else's page was made to ask for (DNS rebinding). */
export function isMisdirected(site: Pick<Site, 'serves'>, { origin }: ClientView, target: string): boolean {
  return !site.serves(origin.hostname) && !isForMachines(target);
}

/** Of people, before they see anything; not of probes, nor for the styles of the page that says so. */
export function refusalByCertificate(peer: Peer, https: Listen['https'], target: string): ProxyError | null {
  return isProbe(target) || isUnder(target, '/-/assets') ? null : certificateRefusal(peer, https);
}

/** The plain port in its redirect mode. What a trusted proxy took over TLS has come the right way already. */
export function goesToHttps({ http, https }: Listen, peer: Peer, { origin }: ClientView, target: string): boolean {
  const plain = !peer.secure && origin.proto === 'http';
  return plain && http?.mode === 'redirect' && https !== null && !isProbe(target);
}

/** Balancers and orchestrators probe over plain HTTP and take a redirect for a failure; these tell nothing secret. */
function isProbe(target: string): boolean {
  const path = pathOf(target);
  return path === '/-/up' || path === '/-/healthy';
}

/** Probes and scrapes come by address; who may scrape, `metrics.allow` says. */
function isForMachines(target: string): boolean {
  return isProbe(target) || pathOf(target) === '/-/metrics';
}
