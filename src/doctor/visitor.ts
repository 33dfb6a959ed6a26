import type { Site } from '../app/site';
import type { Config, MountConfig } from '../config/config';
import { createIdleSite, followRequest } from '../explain/explain';
import type { AskedWords } from '../explain/asked';
import { exchange, sendLimits } from '../explain/send';
import { originText } from '../headers/forwarded';
import { valuesOf, type RawHeaders } from '../headers/raw';
import { isUnder } from '../mount/path';
import { parseUrl } from '../parse-url';
import type { Step, Trail } from './sight';

/** How long a tool may take, in milliseconds: for one request, and for all of them. */
export interface Patience {
  readonly request: number;
  readonly mount: number;
}

const mostSteps = 10;

/** What a tool is asked with, as a browser would ask. */
const browserFields: RawHeaders = [
  'User-Agent',
  'kpow-gateway-doctor',
  'Accept',
  'text/html,application/xhtml+xml,*/*;q=0.8',
  'Accept-Encoding',
  'gzip, deflate, br',
];

/** Goes to a mount's tool as a browser would through the gateway, without one: nothing but GET, no credentials. */
export class Visitor {
  readonly #site: Site;
  readonly #here: AskedWords['here'];
  readonly #patience: Patience;
  readonly #until: number;

  /** @param until on the clock of `performance.now()`: nothing is sent after it */
  constructor(
    config: Config,
    readonly mount: MountConfig,
    here: AskedWords['here'],
    patience: Patience,
    until = performance.now() + patience.mount,
  ) {
    this.#site = createIdleSite(openTo(config, mount));
    this.#here = here;
    this.#patience = patience;
    this.#until = until;
  }

  /** The same with other settings of the mount. */
  with(config: Config, change: Partial<MountConfig>): Visitor {
    return new Visitor(config, { ...this.mount, ...change }, this.#here, this.#patience, this.#until);
  }

  /** Where people see the gateway. */
  get origin(): { readonly proto: 'http' | 'https'; readonly authority: string } {
    return { proto: this.#here.secure ? 'https' : 'http', authority: this.#here.authority };
  }

  /** The mount's prefix, '' for the one at the root. */
  get base(): string {
    return this.mount.path === '/' ? '' : this.mount.path;
  }

  /** One request. @param target path and query, as the browser asks for it */
  async step(target: string, fields: RawHeaders = []): Promise<Step> {
    const asked = {
      method: 'GET',
      secure: this.#here.secure,
      target,
      fields: ['Host', this.#here.authority, ...withDefaults(fields)],
      address: '127.0.0.1',
    };
    const { explanation, toTool } = followRequest(asked, this.#site);
    const { outcome } = explanation;
    const own = { target, exchanged: null, said: null, location: null, refusal: null };
    if (outcome.kind === 'redirect') return { ...own, status: 308, location: outcome.location };
    if (outcome.kind === 'own') return { ...own, status: 200 };
    if (outcome.kind === 'refused' || !toTool)
      return { ...own, status: outcome.kind === 'refused' ? outcome.status : 0, refusal: refusalCode(outcome) };
    const left = Math.max(1, Math.min(this.#patience.request, this.#until - performance.now()));
    const exchanged = await exchange(toTool, this.#site, sendLimits(this.mount, left));
    const { result, fields: changes } = exchanged;
    const location = changes.find(({ name }) => name.toLowerCase() === 'location');
    return {
      target,
      exchanged,
      status: result.kind === 'answered' ? result.status : 0,
      said: location?.before ?? null,
      location: location?.after ?? null,
      refusal: null,
    };
  }

  /** Follows redirects, with the cookies that are set on the way: some tools look whether they come back. */
  async follow(target: string): Promise<Trail> {
    const steps: Step[] = [];
    const cookies = new Map<string, string>();
    const seen = new Set<string>();
    let next = target;
    for (;;) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      if (seen.has(`${next} ${cookie}`) || steps.length >= mostSteps) return { steps, end: 'loop' };
      seen.add(`${next} ${cookie}`);
      const step = await this.step(next, cookie === '' ? [] : ['Cookie', cookie]);
      steps.push(step);
      const { exchanged, status, location, refusal } = step;
      if (exchanged?.result.kind === 'failed') return { steps, end: 'failed' };
      if (refusal !== null || (exchanged === null && location === null)) return { steps, end: 'outside' };
      for (const value of valuesOf(exchanged?.result.fields ?? [], 'set-cookie')) remember(cookies, value);
      if (status < 300 || status >= 400 || location === null) return { steps, end: 'answered' };
      const url = this.resolve(location, next);
      if (!url) return { steps, end: 'elsewhere' };
      next = url.pathname + url.search;
      if (!isUnder(next, this.base)) return { steps, end: this.#isAMount(next) ? 'elsewhere' : 'outside' };
    }
  }

  /** @returns null for another site's */
  resolve(url: string, target: string): URL | null {
    const origin = originText(this.origin);
    const resolved = parseUrl(url, origin + target);
    return resolved && resolved.host === parseUrl(origin)?.host ? resolved : null;
  }

  #isAMount(target: string): boolean {
    return this.#site.table.match(target) !== null;
  }
}

const refusalCode = (outcome: { readonly kind: string }): Step['refusal'] =>
  'code' in outcome ? (outcome.code as Step['refusal']) : null;

function withDefaults(fields: RawHeaders): string[] {
  const given = new Set(fields.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()));
  const defaults = browserFields.filter((_, i) => !given.has((browserFields[i - (i % 2)] ?? '').toLowerCase()));
  return [...defaults, ...fields];
}

function remember(cookies: Map<string, string>, value: string): void {
  const [, name = '', text = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(value) ?? [];
  if (name !== '' && cookies.size < 20 && text.length < 4_096) cookies.set(name, text.trim());
}

/** The configuration with nothing that keeps this visitor out: what is asked for is the tool, not who may see it. */
function openTo(config: Config, changed: MountConfig): Config {
  const { https } = config.listen;
  const open = { allow: null, deny: [], methods: null, origins: 'any', rateLimit: null } as const;
  return {
    ...config,
    hosts: null,
    trustedProxies: [],
    listen: { ...config.listen, https: https && { ...https, clientCa: null } },
    mounts: config.mounts.map((mount) => (mount.path === changed.path ? { ...changed, ...open } : mount)),
  };
}
