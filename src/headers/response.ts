import { toPublicCookiePath } from '../mount/mount';
import { fixCookiePath } from './cookies';
import { endsHere } from './hop-by-hop';
import { fixLocation, fixRefresh, type AnswerContext } from './location';
import type { RawHeaders } from './raw';

/**
 * The header fields of the answer to the client: the tool's own in their order, case and number, less what ends here,
 * with URLs and cookie paths under the mount's prefix.
 * @param own fields of the gateway (`X-Request-Id`, HSTS): they replace the tool's of the same name
 */
export function inboundFields(raw: RawHeaders, context: AnswerContext, own: RawHeaders): string[] {
  const ends = endsHere(raw);
  const ours = new Set(['strict-transport-security']);
  for (let i = 0; i < own.length; i += 2) ours.add((own[i] ?? '').toLowerCase());
  const out: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const field = raw[i] ?? '';
    const name = field.toLowerCase();
    if (ends(name) || ours.has(name)) continue;
    out.push(field, fixValue(name, raw[i + 1] ?? '', context));
  }
  out.push(...own);
  return out;
}

function fixValue(name: string, value: string, context: AnswerContext): string {
  switch (name) {
    case 'location':
    case 'content-location':
      return fixLocation(value, context);
    case 'refresh':
      return fixRefresh(value, context);
    case 'set-cookie':
      return fixCookiePath(value, (path) => toPublicCookiePath(context.mount, path));
    default:
      return value;
  }
}
