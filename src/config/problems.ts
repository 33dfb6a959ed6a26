import { z } from 'zod';
import type { FieldPath, Problem } from './problem';
import { documentSchema, type Document } from './schema/document';

/** What could be read of a document: everything in it may be missing. */
export type Readable<T> = T extends readonly (infer Item)[]
  ? readonly (Readable<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Readable<T[Key]> | undefined }
    : T;

export type Reading =
  | { readonly document: Document; readonly readable: Readable<Document>; readonly problems: readonly [] }
  | { readonly document: null; readonly readable: Readable<Document>; readonly problems: readonly Problem[] };

/**
 * Reads a document field by field. Where fields have problems, `readable` holds the others, so that rules between
 * fields are checked as far as possible.
 */
export function readDocument(raw: unknown): Reading {
  const result = documentSchema.safeParse(raw);
  if (result.success) return { document: result.data, readable: result.data, problems: [] };
  return {
    document: null,
    readable: salvage(documentSchema, raw) ?? {},
    problems: flatten(result.error.issues, raw, []),
  };
}

function flatten(issues: readonly z.core.$ZodIssue[], raw: unknown, above: FieldPath): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const below = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const path = [...above, ...below];
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({ path: [...path, key], message: messages[index] ?? 'unknown key' }));
    }
    if (issue.code === 'invalid_union') {
      const value = valueAt(raw, below);
      // The short form is the first, the mapping or list the last.
      const meant = typeof value === 'object' && value !== null ? issue.errors.at(-1) : issue.errors[0];
      return flatten(meant ?? [], value, path);
    }
    return [{ path, message: issue.message }];
  });
}

function valueAt(raw: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], raw);
}

function salvage(schema: z.core.$ZodType, raw: unknown): unknown {
  const result = z.safeParse(schema, raw);
  if (result.success) return result.data;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) return salvage(schema.def.innerType, raw);
  if (typeof raw !== 'object' || raw === null) return undefined;
  if (schema instanceof z.ZodArray) {
    return Array.isArray(raw) ? raw.map((item: unknown) => salvage(schema.def.element, item)) : undefined;
  }
  if (schema instanceof z.ZodUnion) return salvage(schema.def.options.at(-1) ?? z.never(), raw);
  if (schema instanceof z.ZodObject && !Array.isArray(raw)) {
    const shape = schema.def.shape as Record<string, z.core.$ZodType>;
    return Object.fromEntries(
      Object.entries(shape).map(([key, field]) => [key, salvage(field, (raw as Record<string, unknown>)[key])]),
    );
  }
  return undefined;
}
