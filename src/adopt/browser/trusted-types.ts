interface Policy {
  createHTML(text: string): object;
  createScript(text: string): object;
  createScriptURL(text: string): object;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: Record<'createHTML' | 'createScript' | 'createScriptURL', (text: string) => string>,
  ): Policy;
  isHTML(value: unknown): boolean;
  isScriptURL(value: unknown): boolean;
}

const policies = new WeakMap<TrustedTypes, Policy>();

const typesOf = (window: object): TrustedTypes | undefined => (window as { trustedTypes?: TrustedTypes }).trustedTypes;

/** As the gateway's answer lets it: a page's `trusted-types` directive gets this name. */
function policyOf(types: TrustedTypes): Policy {
  const as = (text: string): string => text;
  const policy =
    policies.get(types) ??
    types.createPolicy('kpow-gateway', { createHTML: as, createScript: as, createScriptURL: as });
  policies.set(types, policy);
  return policy;
}

/**
 * What was mapped as the same kind of trusted value that the page gave (Trusted Types §2). A page whose own markup
 * allows no policy but its own throws here, and its value stays as it is.
 */
export function trustedLike(window: object, value: unknown, text: string): unknown {
  const types = typesOf(window);
  if (types?.isHTML(value)) return policyOf(types).createHTML(text);
  if (types?.isScriptURL(value)) return policyOf(types).createScriptURL(text);
  return text;
}

/** The text of a script element, as a page under Trusted Types takes it. */
export function trustedScript(window: object, text: string): string {
  const types = typesOf(window);
  return (types ? policyOf(types).createScript(text) : text) as string;
}
