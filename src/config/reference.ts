import { stringify } from 'yaml';
import { describedSchema, type JsonSchema } from './json-schema';

const introduction = `# Configuration

<!-- Generated from src/config/schema by \`npm run build && node dist/config/generate.js\`; edit there. -->

The gateway reads one YAML file, \`config/gateway.yaml\` unless \`--config FILE\` names another. Where there is none and
none is named, it uses the one that comes with it, and says so; \`kpow-gateway init\` writes that one there, to edit.
\`kpow-gateway check\` reads it, tells every problem at once, and starts nothing. For kPow alone this is enough:

\`\`\`yaml
mounts:
  - path: /kpow
    target: http://localhost:3000
    health: /healthy
\`\`\`

- **Variables.** \`\${NAME}\` in a value comes from the environment, \`\${NAME:-default}\` has a default for when it is unset
  or empty, \`$$\` is a plain dollar sign. A value that comes out empty is as if its line were not there. Within \`{ }\`
  and \`[ ]\`, put quotes around such a value.
- **Durations** are written \`500ms\`, \`5s\`, \`2m\`, \`1h\`, \`30d\`; **sizes** \`64kb\`, \`10mb\` (1kb is 1024 bytes).
- **Where no file can be put**, as in a container service, \`--config env:NAME\` reads the YAML text from the environment
  variable NAME. A process keeps its environment, so SIGHUP then takes new certificates and nothing else.
- **File names** that are relative start at the folder that the gateway is started in, as \`--config\` does.
- **Unknown keys** are errors, so that a misspelt one is never silently without effect.
- **Editors** complete and check the file with \`config/schema.json\`; its first line says so:
  \`# yaml-language-server: $schema=./schema.json\`.
`;

interface Section {
  readonly path: string;
  readonly schema: JsonSchema;
}

/** The text of `docs/configuration.md`: a table for each mapping. */
export function referenceFile(): string {
  const [top, ...sections] = sectionsOf('', describedSchema());
  const tables = sections.map((section) => `## ${heading(section.path)}\n\n${table(section)}`);
  return [introduction, ...(top === undefined ? [] : [`## The file\n\n${table(top)}`]), ...tables].join('\n');
}

function sectionsOf(path: string, schema: JsonSchema): Section[] {
  const fields = Object.entries(schema.properties ?? {});
  const below = fields.flatMap(([key, field]) => {
    const fieldPath = path === '' ? key : `${path}.${key}`;
    const long = longForm(field);
    if (long === null) return [];
    return long.items?.properties === undefined
      ? sectionsOf(fieldPath, long)
      : sectionsOf(`${fieldPath}[]`, long.items);
  });
  return fields.length === 0 ? [] : [{ path, schema }, ...below];
}

/** The mapping or list that a field may be, beside its short form. */
function longForm(field: JsonSchema): JsonSchema | null {
  return [field, ...(field.anyOf ?? [])].find((form) => form.properties ?? form.items) ?? null;
}

function heading(path: string): string {
  return `\`${path}\``;
}

function table({ path, schema }: Section): string {
  const rows = Object.entries(schema.properties ?? {}).map(([key, field]) => {
    const required = schema.required?.includes(key) ?? false;
    const cells = [
      `\`${key}\``,
      typeOf(field),
      defaultOf(field, required),
      field.description ?? '',
      exampleOf(key, field),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  });
  const summary = path === '' ? '' : `${schema.description ?? ''}\n\n`;
  return `${summary}| Field | Type | Default | Meaning | Example |\n|-|-|-|-|-|\n${rows.join('')}`;
}

function typeOf(field: JsonSchema): string {
  if (field.title !== undefined) return field.title;
  return field.items === undefined ? 'mapping' : 'list of mappings';
}

function defaultOf(field: JsonSchema, required: boolean): string {
  if (required) return '**required**';
  if (field.defaultText !== undefined) return field.defaultText;
  if (field.default !== undefined) return `\`${yaml(field.default)}\``;
  return longForm(field) === null ? 'none' : 'see below';
}

function exampleOf(key: string, field: JsonSchema): string {
  return (field.examples ?? []).map((example) => `\`${key}: ${yaml(example)}\``).join('<br>');
}

function yaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();
}
