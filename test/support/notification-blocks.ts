import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseYaml } from '../../src/config/yaml';

export const notificationsDocument = readFileSync(path.join(__dirname, '../../docs/notifications.md'), 'utf8');

/** The copyable blocks of the document, by the heading that each stands under; `JSON` is the one with that format. */
export const notificationBlocks: ReadonlyMap<string, string> = new Map(
  notificationsDocument.split(/^##+ /m).flatMap((section) => {
    const heading = section.split('\n', 1)[0] ?? '';
    return Array.from(section.matchAll(/^```yaml\n([^]*?)^```/gm), ([, block = '']) => {
      return [block.includes('format: json') ? 'JSON' : heading, block] as const;
    });
  }),
);

/** A block as YAML gives it, its variables as they stand. */
export function parsedBlock(heading: string): { notify: { webhooks: Record<string, unknown>[] } } {
  const result = parseYaml(notificationBlocks.get(heading) ?? '');
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result.value as ReturnType<typeof parsedBlock>;
}
