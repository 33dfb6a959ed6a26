import { editorSchema, describedSchema, type JsonSchema } from '../../../src/config/json-schema';

const field = (schema: JsonSchema, ...path: string[]): JsonSchema =>
  path.reduce((at, key) => {
    const form = [at, ...(at.anyOf ?? [])].find((each) => each.properties ?? each.items)!;
    return (form.items ?? form).properties![key]!;
  }, schema);

test('editors get defaults, examples, required fields and unknown keys', () => {
  const schema = editorSchema();
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(schema).toMatchObject({ additionalProperties: false, required: ['mounts'] });
  expect((field(schema, 'mounts').items as JsonSchema).required).toEqual(['path', 'target']);
  expect(field(schema, 'listen', 'https', 'port')).toMatchObject({ default: 8443, examples: [8443] });
  expect(JSON.stringify(schema)).not.toMatch(/"told"|"defaultText"/);
});

test('a number or a choice may also come from a variable', () => {
  const { anyOf } = field(editorSchema(), 'listen', 'https', 'port');
  expect(anyOf).toEqual([
    { type: 'integer', minimum: 0, maximum: 65535 },
    { type: 'string', pattern: '\\$\\{' },
  ]);
});

test('every field has a meaning, and every single value a kind and an example', () => {
  const walk = (schema: JsonSchema, path: string): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([key, each]) => {
      const name = `${path}.${key}`;
      const form = [each, ...(each.anyOf ?? [])].find((option) => option.properties ?? option.items?.properties);
      const lacking = !each.description || (form === undefined && (!each.title || !each.examples?.length));
      return [...(lacking ? [name] : []), ...(form === undefined ? [] : walk(form.items ?? form, name))];
    });
  expect(walk(describedSchema(), '')).toEqual([]);
});
