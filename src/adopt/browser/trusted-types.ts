interface Policy {
  createHTML(text: string): object;
  createScriptURL(text: string): object;
}

interface TrustedTypes {
  createPolicy(name: string, rules: Record<'createHTML' | 'createScriptURL', (text: string) => string>): Policy;
  isHTML(value: unknown): boolean;
  isScriptURL(value: unknown): boolean;
}

const policies = new WeakMap<TrustedTypes, Policy>();

function policyOf(types: TrustedTypes): Policy {
  const as = (text: string): string => text;
  const policy = policies.get(types) ?? types.createPolicy('kpow-gateway', { createHTML: as, createScriptURL: as });
  policies.set(types, policy);
  return policy;
}

/**
 * What was mapped as the same kind of trusted value that the page gave (Trusted Types §2). A page whose policy allows
 * no policy but its own throws here, and its value stays as it is.
 */
export function trustedLike(window: object, value: unknown, text: string): unknown {
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types?.isHTML(value)) return policyOf(types).createHTML(text);
  if (types?.isScriptURL(value)) return policyOf(types).createScriptURL(text);
  return text;
}
