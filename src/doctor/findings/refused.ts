import { inGateway, stepText } from '../evidence';
import type { Finding } from '../finding';
import type { Look, Seen, TrailEnd } from '../sight';

/** A tool that answers another Host than the one that it is asked with. */
export function hostFinding(before: Look, after: Look, evidence: readonly string[], { origin }: Seen): Finding {
  const { host } = after.mount;
  const last = after.trail.steps.at(-1);
  const status = before.trail.steps.at(-1)?.status ?? 0;
  const got = gotFrom(before.trail.end, status);
  const own = before.mount.target.authority;
  const [asked, known] = host === 'target' ? [origin.authority, own] : [own, origin.authority];
  return {
    severity: 'wrong',
    title: 'The tool does not take the name that it is asked for',
    evidence: [...evidence, ...(last ? [`with host: ${host}, ${stepText(last)}`] : [])],
    cause: `It ${got} where Host is ${asked}, and serves its page where it is ${known}: it chooses by that name, or refuses those that it does not know.`,
    fix: [
      inGateway(`host: ${host}`),
      ...(after.mount.prefix === before.mount.prefix ? [] : [`and ${inGateway(`prefix: ${after.mount.prefix}`)}`]),
      ...(host === 'target'
        ? [
            `Or add ${origin.hostname} to the names that the tool takes: allowed hosts, trusted hosts, server_name, a domain.`,
          ]
        : []),
    ],
  };
}

function gotFrom(end: TrailEnd, status: number): string {
  if (end === 'failed') return 'closes the connection';
  return end === 'answered' ? `answers ${status}` : 'finds no page';
}

/**
 * One that neither name helps.
 * @param unproxied its status without the fields that a proxy adds; null where that is not known
 */
export function refusedFinding(look: Look, evidence: readonly string[], unproxied: number | null): Finding {
  const status = look.trail.steps.at(-1)?.status ?? 0;
  if (unproxied !== null && unproxied < 400)
    return {
      severity: 'wrong',
      title: 'The tool refuses what comes through a proxy',
      evidence: [...evidence, `the same without X-Forwarded-For and the other fields of a proxy: ${unproxied}`],
      cause:
        'It does not trust the gateway to say who the client is, or does not take the name or the scheme that these fields tell.',
      fix: [
        'In the tool’s settings, name the gateway’s address among the proxies that it trusts (Home Assistant: `use_x_forwarded_for` and `trusted_proxies`).',
        'Look at the log of the tool, which may name the field that it does not like.',
      ],
    };
  if (status >= 500)
    return {
      severity: 'wrong',
      title: `The front page is ${status}`,
      evidence,
      cause: 'The tool answers, and says that it cannot.',
      fix: ['Look at the log of the tool.'],
    };
  const names = 'with the name that people use in Host and with the tool’s own';
  if (status === 403)
    return {
      severity: 'warning',
      title: 'The front page is 403',
      evidence,
      cause: `It lets in nobody who has not signed in, or not this visitor, ${names}. That is as it should be where people sign in by a field, a certificate or another page.`,
      fix: [
        'Open it in a browser. If people get 403 too, the log of the tool says why: an address, an origin, a name or a missing login.',
      ],
    };
  return {
    severity: 'wrong',
    title: `The front page is ${status}`,
    evidence,
    cause: `It refuses a plain GET of a browser, ${names}.`,
    fix: [
      'Look at the log of the tool, which may say what it does not like.',
      'Look whether `target` has the right port: one for another protocol, or with TLS, answers so too.',
    ],
  };
}
