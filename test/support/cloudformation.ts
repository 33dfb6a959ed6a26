import { readFileSync } from 'node:fs';
import { parse, type CollectionTag, type ScalarTag } from 'yaml';

const functions = ['Ref', 'Sub', 'GetAtt', 'If', 'Equals', 'Not', 'Or', 'Select', 'FindInMap'];

/** `!Sub text` becomes `{ Sub: 'text' }`, `!If [a, b, c]` becomes `{ If: [a, b, c] }`. */
const tags = functions.flatMap((name): (ScalarTag | CollectionTag)[] => [
  { tag: `!${name}`, resolve: (text: string) => ({ [name]: text }) },
  { tag: `!${name}`, collection: 'seq', resolve: (list) => ({ [name]: list.toJSON() as unknown }) },
]);

/** What a test reads of a template; a field that is not there fails the test. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Fields = any;

export interface Template {
  readonly Parameters: Record<string, Record<string, Fields>>;
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Fields }>;
}

/** A CloudFormation template, its short functions as objects. */
export function readTemplate(file: string): Template {
  return parse(readFileSync(file, 'utf8'), { customTags: tags }) as Template;
}

/** What `Fn::Sub` makes of a text with these values. */
export function substitute(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{(!?)([^}]+)\}/g, (found, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    const value = values[name];
    if (value === undefined) throw new Error(`${found} has no value`);
    return value;
  });
}
