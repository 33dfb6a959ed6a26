import { printable } from '../observe/printable';
import type { Explanation, Outcome } from './explain';
import type { FieldChange } from './fields';
import type { ShownAnswer } from './send';

/** An explanation in lines for people. */
export function explanationLines({ request, client, mount, near, outcome, way }: Explanation): string[] {
  const scheme = request.secure ? 'over TLS' : 'in plain HTTP';
  return [
    `${request.method} ${request.target}  ${scheme}, from ${request.address}`,
    ...(client
      ? [
          `  client  ${client.address}, who sees ${client.origin}${client.prefix}${client.trusted ? ' (a trusted proxy says so)' : ''}`,
        ]
      : []),
    `  mount   ${mount ?? 'none'}`,
    ...near.map(({ path, reason }) => `          not ${path}: ${reason}`),
    `  way     ${way.name}: ${way.reason}`,
    '',
    ...outcomeLines(outcome),
  ];
}

function outcomeLines(outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'tool': {
      const { method, target, reason, fields, to } = outcome.request;
      return [
        `It goes to ${to.join(' or ')}`,
        ...outcome.notes.map((note) => `  ${note}`),
        '',
        'The tool gets',
        `  ${method} ${target}`,
        `      ${reason}`,
        ...changeLines(fields),
      ];
    }
    case 'redirect':
      return [`The gateway answers 308 and sends it to ${outcome.location}`, `  ${outcome.reason}`];
    case 'own':
      return [`The gateway answers it itself: ${outcome.reason}`];
    case 'refused':
      return refusalLines(outcome);
  }
}

function refusalLines({ status, code, title, detail, advice }: Outcome & { readonly kind: 'refused' }): string[] {
  return [`The gateway answers ${status} ${code}: ${title}`, `  ${detail}`, ...advice.map((it) => `  - ${it}`)];
}

const bodyEnds: Readonly<Record<string, string>> = {
  size: ' were read of the body, and there is more',
  time: ' came of the body, and no end of it',
  broken: ' came of the body, and then it broke off',
};

/** What came back, as the tool said it and as the client gets it. */
export function answerLines(answer: ShownAnswer): string[] {
  if (answer.kind === 'failed')
    return ['', `It was sent to ${answer.from}, which gave no answer`, ...refusalLines(answer.outcome)];
  const { from, status, fields, body } = answer;
  const bytes = `${body.received} ${body.received === 1 ? 'byte' : 'bytes'}`;
  return [
    '',
    `${from} answered, and the client gets`,
    `  ${status}`,
    ...changeLines(fields).map(printable),
    `  ${bytes}${bodyEnds[body.end] ?? ' of body'}${body.type === null ? '' : `, ${printable(body.type)}`}`,
    ...(body.rewritten ? ['  and in it URLs of the tool’s are rewritten: `prefix: adopt`'] : []),
  ];
}

/** `-` what ends here, `+` what is the gateway's, `~` what has another value than before. */
function changeLines(fields: readonly FieldChange[]): string[] {
  return fields.flatMap(({ name, before, after, reason }) => {
    const mark = after === null ? '-' : before === null ? '+' : before === after ? ' ' : '~';
    const was = mark === '~' ? `  (was ${before})` : '';
    return [`${mark} ${name}: ${after ?? before}${was}`, ...(reason === null ? [] : [`      ${reason}`])];
  });
}
