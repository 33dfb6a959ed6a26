import { z } from 'zod';
import { documentSchema } from './schema/document';
import type { Told } from './schema/field';

/** As much of JSON Schema as the configuration needs. */
export interface JsonSchema {
  title?: string;
  description?: string;
  default?: unknown;
  /** The default in words; not part of JSON Schema. */
  defaultText?: string;
  examples?: readonly unknown[];
  type?: string;
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  [keyword: string]: unknown;
}

/** The configuration file as JSON Schema, with every field's `title` (its kind), `description`, `default` and `examples`. */
export function describedSchema(): JsonSchema {
  return tell(z.toJSONSchema(documentSchema, { target: 'draft-07', io: 'input', reused: 'inline' }) as JsonSchema);
}

function tell(schema: JsonSchema): JsonSchema {
  const { told, default: value, ...node } = schema as JsonSchema & { told?: Told };
  if (value !== undefined && JSON.stringify(value) !== '{}') node.default = value;
  if (told?.defaultText != null) node.defaultText = told.defaultText;
  if (told !== undefined && told.examples.length > 0) node.examples = told.examples;
  if (node.properties !== undefined) {
    const fields = Object.entries(node.properties as Record<string, JsonSchema & { told?: Told }>);
    const required = fields.filter(([key, field]) => field.told?.required ?? node.required?.includes(key) ?? false);
    node.properties = Object.fromEntries(fields.map(([key, field]) => [key, tell(field)]));
    if (required.length > 0) node.required = required.map(([key]) => key);
  }
  if (node.items !== undefined) node.items = tell(node.items);
  if (node.anyOf !== undefined) node.anyOf = node.anyOf.map(tell);
  return node;
}

/** The JSON Schema for editors: any single value may also be written with `${NAME}`. */
export function editorSchema(): JsonSchema {
  return withVariables(describedSchema());
}

const variable: JsonSchema = { type: 'string', pattern: '\\$\\{' };

function withVariables({ defaultText: _, ...node }: JsonSchema): JsonSchema {
  if (node.properties !== undefined) {
    const fields = Object.entries(node.properties).map(([key, field]) => [key, withVariables(field)] as const);
    return { ...node, properties: Object.fromEntries(fields) };
  }
  if (node.items !== undefined) return { ...node, items: withVariables(node.items) };
  if (node.anyOf?.some((option) => option.properties ?? option.items))
    return { ...node, anyOf: node.anyOf.map(withVariables) };
  if (node.type === 'string' && node.pattern === undefined) return node;

  const { title, description, default: value, examples, ...rules } = node;
  const words = Object.entries({ title, description, default: value, examples }).filter(
    ([, word]) => word !== undefined,
  );
  return { ...Object.fromEntries(words), anyOf: [...(rules.anyOf ?? [rules]), variable] };
}

/** The text of `config/schema.json`. */
export function schemaFile(): string {
  return `${JSON.stringify(editorSchema(), null, 2)}\n`;
}
