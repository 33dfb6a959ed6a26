import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inputTypesFile } from './input-types';
import { schemaFile } from './json-schema';
import { referenceFile } from './reference';

/** The generated files, by their path in the project. */
export const generated: Readonly<Record<string, () => string>> = {
  'config/schema.json': schemaFile,
  'docs/configuration.md': referenceFile,
  'src/config/input.ts': inputTypesFile,
};

if (require.main === module) {
  for (const [name, text] of Object.entries(generated)) {
    const file = path.join(__dirname, '..', '..', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text());
  }
}
