/** JSON that names URLs, in pages and beside them. Pure; what is no such JSON stays as it is. */

type Fixed = (url: string) => string;

/** An import map (HTML §8.1.6): both what is imported and what stands for it may be root-absolute. */
export function fixedImportMap(text: string, fixed: Fixed): string {
  return mapped(text, (map) => {
    const root = map as { imports?: unknown; scopes?: unknown; integrity?: unknown };
    const keys = (of: unknown, value: (inner: unknown) => unknown) => (isRecord(of) ? onKeys(of, fixed, value) : of);
    const url = (value: unknown) => (typeof value === 'string' ? fixed(value) : value);
    return {
      ...root,
      ...(root.imports === undefined ? {} : { imports: keys(root.imports, url) }),
      ...(root.scopes === undefined ? {} : { scopes: keys(root.scopes, (inner) => keys(inner, url)) }),
      ...(root.integrity === undefined ? {} : { integrity: keys(root.integrity, (value) => value) }),
    };
  });
}

/** Speculation rules: lists of URLs, and patterns that documents' links are told by. */
export function fixedSpeculationRules(text: string, fixed: Fixed): string {
  return mapped(text, (rules) => deep(rules, fixed, new Set(['urls', 'href_matches'])));
}

/** A web app manifest (W3C appmanifest), with the members that browsers added to it. */
export function fixedManifest(text: string, fixed: Fixed): string {
  return mapped(text, (manifest) =>
    deep(manifest, fixed, new Set(['start_url', 'scope', 'src', 'url', 'action', 'serviceworker', 'service_worker'])),
  );
}

function mapped(text: string, change: (value: Record<string, unknown>) => unknown): string {
  try {
    const value: unknown = JSON.parse(text);
    // In a page `</script` would end it.
    return isRecord(value) ? JSON.stringify(change(value)).replaceAll('<', '\\u003c') : text;
  } catch {
    // No JSON, or deeper than can be written again.
    return text;
  }
}

/** Levels that are looked into; documents of these kinds have four. */
const deepest = 16;

function deep(value: unknown, fixed: Fixed, names: ReadonlySet<string>, depth = 0): unknown {
  if (depth > deepest) return value;
  if (Array.isArray(value)) return value.map((inner) => deep(inner, fixed, names, depth + 1));
  if (!isRecord(value)) return value;
  return onKeys(
    value,
    (key) => key,
    (inner, key) => {
      if (!names.has(key)) return deep(inner, fixed, names, depth + 1);
      if (typeof inner === 'string') return fixed(inner);
      if (Array.isArray(inner)) return inner.map((one: unknown) => (typeof one === 'string' ? fixed(one) : one));
      return deep(inner, fixed, names, depth + 1);
    },
  );
}

/** Also `__proto__` is a key like any other here. */
function onKeys(
  of: Record<string, unknown>,
  key: (name: string) => string,
  value: (inner: unknown, name: string) => unknown,
): unknown {
  return Object.fromEntries(Object.entries(of).map(([name, inner]) => [key(name), value(inner, name)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
