import type { FieldPath, Problem } from './problem';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A copy of `raw` with `${NAME}` and `${NAME:-default}` in its texts replaced from the environment, as docker-compose
 * does: the default stands in for a variable that is unset or empty, and `$$` is a plain `$`. Only values are replaced,
 * after parsing, so that a variable never changes the structure. A value that comes out empty is left out, so that
 * `ca: ${KPOW_CA:-}` is optional.
 */
export function interpolate(raw: unknown, env: Environment): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  const walk = (value: unknown, path: FieldPath): unknown => {
    if (typeof value === 'string') {
      const text = expand(value, env, (message) => problems.push({ path, message }));
      return text === '' && value !== '' ? undefined : text;
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value)
          .map(([key, item]) => [key, walk(item, [...path, key])] as const)
          .filter(([, item]) => item !== undefined),
      );
    }
    return value;
  };
  return { value: walk(raw, []), problems };
}

function expand(text: string, env: Environment, refuse: (message: string) => void): string {
  return text.replace(
    /\$(?:\$|\{([^}]*)(\}?)|[A-Za-z_]\w*)/g,
    (found, body: string | undefined, end: string | undefined) => {
      if (found === '$$') return '$';
      if (body === undefined) {
        refuse(`"${found}" has no braces; write \${${found.slice(1)}}, or $$ for a plain dollar sign`);
        return '';
      }
      if (end !== '}') {
        refuse(`"${found}" has no closing brace; write \${NAME}, or $$ for a plain dollar sign`);
        return '';
      }
      const parts = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(body);
      if (parts?.[1] === undefined) {
        refuse(`"${found}" is not understood; write \${NAME} or \${NAME:-default}, or $$ for a plain dollar sign`);
        return '';
      }
      const [, name, fallback] = parts;
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
      if (value !== undefined) return value;
      refuse(`the environment variable ${name} is not set; set it, or write \${${name}:-default}`);
      return '';
    },
  );
}
