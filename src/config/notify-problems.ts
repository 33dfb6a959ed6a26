import { templateProblem } from '../notify/template';
import type { FieldPath, Problem } from './problem';
import type { Readable } from './problems';
import type { Document, MountEntry } from './schema/document';
import { upstreamTlsProblems } from './upstream-tls';

type Notify = Readable<Document['notify']>;
type WebhookEntry = Readable<Document['notify']['webhooks'][number]>;

/** What does not fit together within `notify`, and with the mounts. */
export function notifyProblems(document: Readable<Document>, locate: (file: string) => string): Problem[] {
  const { webhooks = [] }: Notify = document.notify ?? {};
  return webhooks.flatMap((webhook, index) =>
    webhook === undefined || webhook.url === 'off'
      ? []
      : webhookProblems(webhook, ['notify', 'webhooks', index], document, locate),
  );
}

function webhookProblems(
  webhook: WebhookEntry,
  path: FieldPath,
  document: Readable<Document>,
  locate: (file: string) => string,
): Problem[] {
  const problems: Problem[] = [];
  const refuse = (field: keyof WebhookEntry, message: string) => problems.push({ path: [...path, field], message });
  const { url, format, template, contentType, states, ca } = webhook;

  if (template !== undefined) {
    if (format !== undefined) refuse('format', 'does not go with template; take one of them out');
    const problem = templateProblem(template, contentType ?? 'application/json');
    if (problem !== null) refuse('template', problem);
  } else if (contentType !== undefined) refuse('contentType', 'goes with template; take it out');

  if (states?.every((state) => state === 'healthy') === true)
    refuse('states', 'healthy is told only after trouble was; add unhealthy or unreachable');

  if (ca !== undefined) {
    if (url !== undefined && /^http:/i.test(url)) refuse('ca', 'is for https, and url says http; take one of them out');
    else problems.push(...upstreamTlsProblems({ ca }, path, locate));
  }
  namedMounts(webhook).forEach((name, index) => {
    const message = mountProblem(name, document);
    if (message !== null) problems.push({ path: [...path, 'mounts', index], message });
  });
  return problems;
}

const namedMounts = ({ mounts }: WebhookEntry): readonly string[] =>
  (mounts ?? []).filter((name): name is string => name !== undefined);

function mountProblem(name: string, { mounts = [], health: top }: Readable<Document>): string | null {
  const found = mounts.find((mount) => mount?.path === name);
  if (found !== undefined)
    return isChecked(found, top?.path) ? null : `${name} has no health, so its state is not known; write it there`;
  const known = mounts.flatMap((mount) => mount?.path ?? []);
  return `"${name}" is not the path of a mount; there is ${known.length === 0 ? 'none' : known.join(', ')}`;
}

function isChecked({ health }: Readable<MountEntry>, topPath: string | undefined): boolean {
  if (health === 'off') return false;
  return typeof health === 'string' || health?.path !== undefined || topPath !== undefined;
}
