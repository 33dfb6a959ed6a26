import { valuesOf } from '../../headers/raw';
import { parseUrl } from '../../parse-url';
import { shortened, stepText, urlOf, urlText, withoutValue } from '../evidence';
import type { Finding } from '../finding';
import type { KnownTool } from '../known-tools';
import type { Look, Seen } from '../sight';

/** A tool that does not know that people come by https: in its redirects, its pages, and its cookies. */
export function schemeFindings(look: Look, { origin }: Seen, tool: KnownTool | null): Finding[] {
  if (origin.proto !== 'https') return [];
  const { trail, urls } = look;
  const setting = tool?.https?.(urlOf(look, `https://${origin.authority}`));
  const fix = [
    setting === undefined
      ? 'Let the tool honour X-Forwarded-Proto (often called “proxy headers” or “forwarded headers”), or set its public URL to https.'
      : `${tool?.name ?? ''}: ${setting}`,
  ];
  const says = (url: string) => isPlain(url, origin.hostname);
  const findings: Finding[] = [];
  const sentBack = trail.steps.filter(({ said }) => said !== null && innerUrls(said).some(says));
  const redirects = trail.steps.filter(({ said }) => said !== null && says(said));
  const loads = urls.filter(({ url, loads }) => loads && says(url));
  const cause = 'The tool does not believe, or is not told to believe, that people come by https.';
  if (sentBack.length > 0)
    findings.push({
      severity: 'wrong',
      title: 'The login will come back to http',
      evidence: sentBack.map(stepText),
      cause: `${cause} The address for the way back stands in the redirect, where the gateway does not touch it.`,
      fix,
    });
  if (loads.length > 0)
    findings.push({
      severity: 'wrong',
      title: 'The page loads over http, which browsers refuse',
      evidence: loads.slice(0, 3).map(({ tag, url }) => urlText(tag, url)),
      cause,
      fix,
    });
  if (redirects.length > 0)
    findings.push({
      severity: 'warning',
      title: 'Its redirects say http',
      evidence: redirects.slice(0, 2).map(stepText),
      cause: `${cause} The gateway puts redirects right; what a login at another site sends back, it cannot.`,
      fix,
    });
  const cookies = trail.steps.flatMap(({ target, exchanged }) =>
    valuesOf(exchanged?.result.kind === 'answered' ? exchanged.result.fields : [], 'set-cookie')
      .filter((value) => !/;\s*secure\s*(?:;|$)/i.test(value))
      .map((value) => ({ value, line: `GET ${shortened(target)}: Set-Cookie: ${withoutValue(value)}` })),
  );
  if (cookies.length > 0) {
    const refused = cookies.some(({ value }) => /;\s*samesite\s*=\s*none/i.test(value));
    findings.push({
      severity: refused ? 'wrong' : 'warning',
      title: refused ? 'Browsers refuse its cookie: SameSite=None without Secure' : 'Its cookies are not Secure',
      evidence: [...new Set(cookies.map(({ line }) => line))].slice(0, 3),
      cause:
        'Without Secure a browser also sends them over plain HTTP, where anybody can read them. Most often the tool does not know that people come by https.',
      fix,
    });
  }
  return findings;
}

function isPlain(url: string, hostname: string): boolean {
  return /^http:\/\//i.test(url) && parseUrl(url)?.hostname === hostname;
}

/** The URLs that a URL carries in its query: `redirect_uri`, `service`, `RelayState`. */
function innerUrls(url: string): string[] {
  const at = url.indexOf('?');
  return at === -1 ? [] : [...new URLSearchParams(url.slice(at + 1)).values()];
}
