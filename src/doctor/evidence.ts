import type { Look, Step, Trail } from './sight';

const longest = 160;

/** A text of a tool, no longer than a line. */
export function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** A cookie; who reads the report need not be let into the session. */
export function withoutValue(cookie: string): string {
  return shortened(cookie.replace(/^([^=;]*)=[^;]*/, '$1=…'));
}

/** What was asked for and what came, in a line. */
export function stepText({ target, exchanged, status, said, location, refusal }: Step): string {
  const asked = `GET ${shortened(target)}`;
  if (!exchanged) {
    if (refusal) return `${asked}: the gateway answers ${status} ${refusal}`;
    return `${asked}: the gateway ${location === null ? 'answers it itself' : `sends it to ${shortened(location)}`}`;
  }
  const got = exchanged.request.target === target ? '' : `, GET ${shortened(exchanged.request.target)} at the tool`;
  if (exchanged.result.kind === 'failed') return `${asked}${got}: ${exchanged.result.error.code}`;
  const leads = location !== null && location !== said ? `, which becomes ${shortened(location)}` : '';
  return `${asked}${got}: ${status}${said === null ? '' : `, Location: ${shortened(said)}${leads}`}`;
}

/** The steps that show it best: the first ones and the last. */
export function trailText({ steps }: Trail): string[] {
  const lines = steps.map(stepText);
  return lines.length <= 4 ? lines : [...lines.slice(0, 3), '…', ...lines.slice(-1)];
}

/** A URL that the front page names. */
export function urlText(tag: string, url: string): string {
  return `<${tag}> of the front page names ${shortened(url)}`;
}

/** A mount's line in gateway.yaml. */
export function inGateway(line: string): string {
  return `gateway.yaml, in this mount: ${line}`;
}

/** The public address of a mount, without a slash behind. */
export function urlOf({ mount }: Pick<Look, 'mount'>, origin: string): string {
  return mount.path === '/' ? origin : origin + mount.path;
}
