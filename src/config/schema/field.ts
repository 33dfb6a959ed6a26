import { z } from 'zod';
import * as kinds from '../kinds';
import { Refusal, type Kind } from '../kinds';
import { show } from '../problem';
import { nearest } from '../spelling';

/** What people are told of a field. */
interface Doc {
  readonly description: string;
  readonly examples?: readonly unknown[];
  /** The default in words, where it is not one fixed value. */
  readonly defaultText?: string;
}

/**
 * What zod does not carry into JSON Schema by itself travels under this keyword, and `json-schema.ts` puts it where it
 * belongs: zod drops `examples` of what it transforms, and takes every such field for an optional one.
 */
export interface Told {
  readonly required: boolean;
  readonly examples: readonly unknown[];
  readonly defaultText: string | null;
}

function described({ description, examples = [], defaultText }: Doc, required = false) {
  return { description, told: { required, examples, defaultText: defaultText ?? null } satisfies Told };
}

export function required<T>(kind: Kind<T>, doc: Doc) {
  return read(kind).meta({ title: kind.title, ...kind.json, ...described(doc, true) });
}

export function optional<T>(kind: Kind<T>, doc: Doc) {
  return read(kind)
    .meta({ title: kind.title, ...kind.json, ...described(doc) })
    .optional();
}

/** @param value the default as it would be written in the file */
export function preset<T>(kind: Kind<T>, value: unknown, doc: Doc) {
  return read(kind)
    .meta({ title: kind.title, ...kind.json, ...described(doc) })
    .prefault(value);
}

function read<T>(kind: Kind<T>) {
  return z.unknown().transform((value, context): T => {
    const result =
      value === undefined ? new Refusal(`is missing; write one such as ${kind.example}`) : kind.read(value);
    if (!(result instanceof Refusal)) return result;
    context.addIssue({ code: 'custom', message: result.message });
    return z.NEVER;
  });
}

/** A mapping whose unknown keys are errors: one line of the message for each, in the order of `issue.keys`. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape, description: string, example: string) {
  const known = Object.keys(shape);
  return z
    .strictObject(shape, {
      error: (issue) => {
        if (issue.code !== 'unrecognized_keys')
          return `${show(issue.input)} is not a mapping; write one such as ${example}`;
        return issue.keys
          .map((key) => {
            const meant = nearest(key, known);
            return meant === null
              ? `unknown key; the keys here are ${known.join(', ')}`
              : `unknown key; did you mean ${meant}?`;
          })
          .join('\n');
      },
    })
    .meta({ description });
}

/** `off`, another short form, or a mapping. `problems.ts` relies on the mapping (or list) being the last. */
export function shortOr<T, Long extends z.ZodType>(kind: Kind<T>, long: Long, doc: Doc, required = false) {
  return z.union([read(kind).meta(kind.json), long]).meta({ title: kind.title, ...described(doc, required) });
}

/** A field that may stand at the top, with its default, and in a mount, where the top's value is the default. */
export function layered<T>(name: string, kind: Kind<T>, value: unknown, doc: Doc) {
  return { top: preset(kind, value, doc), own: optional(kind, { ...doc, defaultText: `as \`${name}\`` }) };
}

/** A list of addresses, ranges and names of groups, or a text with commas. */
export function addresses(groups: readonly string[], doc: Doc) {
  const one = required(kinds.addressRange(groups), { description: `An address, a CIDR, or ${groups.join(', ')}.` });
  const list = z.array(one, {
    error: (issue) => `${show(issue.input)} is not a list; write one such as [10.0.0.0/8, loopback]`,
  });
  return shortOr(kinds.addressRanges(groups), list, doc);
}

/** A list, of which an empty one is a mistake. @param example a list in the file's own words */
export function listOf<T>(kind: Kind<T>, example: string, doc: Doc) {
  return z
    .array(required(kind, doc), {
      error: (issue) => `${show(issue.input)} is not a list; write one such as ${example}`,
    })
    .min(1, { error: `is empty; write one such as ${example}, or take the line out` });
}

/** One of what the list may hold, or the list. */
export function oneOrMore<T>(kind: Kind<T>, example: string, doc: Doc, required = false) {
  return shortOr({ ...kind, read: (value) => alone(kind.read(value)) }, listOf(kind, example, doc), doc, required);
}

const alone = <T>(value: T | Refusal): T[] | Refusal => (value instanceof Refusal ? value : [value]);
