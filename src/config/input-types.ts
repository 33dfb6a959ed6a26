import { describedSchema, type JsonSchema } from './json-schema';

const introduction = `// Generated from src/config/schema by \`npm run build && node dist/config/generate.js\`; edit there.

/** A configuration as YAML or JSON would give it: \`docs/configuration.md\`, as a type. */
`;

/** The text of `src/config/input.ts`: the configuration as people write it, for programs that embed the gateway. */
export function inputTypesFile(): string {
  return `${introduction}export interface GatewayConfig ${typeOf(describedSchema(), '')}\n`;
}

function typeOf(schema: JsonSchema, indent: string): string {
  const { anyOf, items, properties, type } = schema;
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values !== undefined) return values.map(literal).join(' | ');
  if ('const' in schema) return literal(schema['const']);
  if (anyOf !== undefined) return union(anyOf.flatMap(alternatives).map((form) => typeOf(form, indent)));
  if (properties !== undefined) return mapping(properties, schema.required ?? [], indent);
  if (items !== undefined) return `readonly ${parenthesised(typeOf(items, indent))}[]`;
  const named = schema['additionalProperties'];
  if (typeof named === 'object' && named !== null)
    return `Readonly<Record<string, ${typeOf(named as JsonSchema, indent)}>>`;
  const word = words[type ?? ''];
  if (word === undefined) throw new Error(`no TypeScript type is known for ${JSON.stringify(schema)}`);
  return word;
}

/** Forms within forms count as forms, and each value of a choice as one. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values !== undefined) return values.map((value) => ({ enum: [value] }));
  return schema.anyOf?.flatMap(alternatives) ?? [schema];
}

/** Words say nothing beside `string`, which takes them all. */
function union(types: readonly string[]): string {
  const told = types.includes('string') ? types.filter((type) => !type.startsWith("'")) : types;
  return [...new Set(told)].join(' | ');
}

const words: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
};

/** A field that is undefined is as if it were not there, so that `process.env.NAME` may stand behind it. */
function mapping(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  indent: string,
): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([key, field]) => {
    const type = typeOf(field, inner);
    const declared = required.includes(key) ? `${key}: ${type}` : `${key}?: ${type} | undefined`;
    return `${comment(field, inner)}${inner}readonly ${declared};\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

function comment({ description = '', default: value, defaultText }: JsonSchema, indent: string): string {
  const fallback = defaultText ?? (value === undefined ? null : JSON.stringify(value));
  const lines = [description, ...(fallback === null ? [] : [`@default ${fallback}`])].map(
    (line) => ` * ${line.replaceAll('*/', '*\\/')}`,
  );
  return [`/**`, ...lines, ` */`].map((line) => `${indent}${line}\n`).join('');
}

function parenthesised(type: string): string {
  return type.startsWith('{') || !type.includes(' | ') ? type : `(${type})`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
