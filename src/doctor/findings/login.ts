import { answerTellsOfConnectionLogin } from '../../headers/connection-login';
import { stepText } from '../evidence';
import type { Finding } from '../finding';
import type { Look } from '../sight';

/** A tool that signs connections in, and not requests: right behind this gateway alone, and wrong behind most others. */
export function loginFindings({ trail }: Look): Finding[] {
  const told = trail.steps.filter(
    ({ exchanged }) => exchanged?.result.kind === 'answered' && answerTellsOfConnectionLogin(exchanged.result.fields),
  );
  if (told.length === 0) return [];
  return [
    {
      severity: 'note',
      title: 'It signs people in by NTLM or Negotiate, which is bound to the connection',
      evidence: told.slice(0, 2).map((step) => `${stepText(step)}, with WWW-Authenticate: NTLM or Negotiate`),
      cause:
        'The gateway gives such a person a connection to the tool that nobody else gets. A proxy in front of the gateway that shares its connections among people would show one person the pages of another.',
      fix: [
        'Behind another proxy: let it keep a connection for each client (nginx: `ntlm`) or pass TCP through.',
        'Or set a login in the tool that is bound to a cookie or to each request.',
      ],
    },
  ];
}
