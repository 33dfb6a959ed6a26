import type { Explanation, Outcome } from './explain';
import type { FieldChange } from './fields';

/** An explanation in lines for people. */
export function explanationLines({ request, client, mount, near, outcome, way }: Explanation): string[] {
  const scheme = request.secure ? 'over TLS' : 'in plain HTTP';
  return [
    `${request.method} ${request.target}  ${scheme}, from ${request.address}`,
    ...(client
      ? [`  client  ${client.address}, who sees ${client.origin}${client.trusted ? ' (a trusted proxy says so)' : ''}`]
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
      return [
        `The gateway answers ${outcome.status} ${outcome.code}: ${outcome.title}`,
        `  ${outcome.detail}`,
        ...outcome.advice.map((advice) => `  - ${advice}`),
      ];
  }
}

/** `-` what ends here, `+` what is the gateway's, `~` what has another value than before. */
function changeLines(fields: readonly FieldChange[]): string[] {
  return fields.flatMap(({ name, before, after, reason }) => {
    const mark = after === null ? '-' : before === null ? '+' : before === after ? ' ' : '~';
    const was = mark === '~' ? `  (was ${before})` : '';
    return [`${mark} ${name}: ${after ?? before}${was}`, ...(reason === null ? [] : [`      ${reason}`])];
  });
}
