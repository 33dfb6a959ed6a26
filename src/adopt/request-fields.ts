import { isOrigin, originText, type ClientView } from '../headers/forwarded';
import type { RawHeaders } from '../headers/raw';
import { behind, isUnderPublicBase, publicBase, toUpstream, type Mount } from '../mount/mount';
import { readableCodings } from './codings';
import { destinationOf, type Asked } from './body-kind';
import { namesAdopted, toolTags } from './entity-tags';

/** What an adopted tool is told in place of what the client says. */
export interface AdoptedRequest {
  readonly mount: Mount;
  readonly view: ClientView;
  /** Whether the whole is asked for, since a part of a body cannot be rewritten. */
  readonly whole: boolean;
}

/**
 * The client's fields as they are to an adopted tool: tags and Referer are its own, and no coding is asked for that
 * cannot be undone.
 */
export function adoptedRequestFields(asked: Asked, request: AdoptedRequest): string[] {
  const out: string[] = [];
  for (let i = 0; i + 1 < asked.fields.length; i += 2) {
    const name = asked.fields[i] ?? '';
    const value = adoptedRequestValue(name, asked.fields[i + 1] ?? '', asked, request);
    if (value !== null) out.push(name, value);
  }
  return out;
}

/** @returns null for a field that ends here */
export function adoptedRequestValue(
  name: string,
  value: string,
  asked: Asked,
  { mount, view, whole }: AdoptedRequest,
): string | null {
  switch (name.toLowerCase()) {
    case 'accept-encoding':
      return readableCodings(value);
    case 'referer':
      return toolReferer(value, mount, view);
    case 'if-none-match':
      // A tag from before the mount adopted would let the browser keep the page as it was then.
      return isRewritten(asked) && !namesAdopted(value) ? null : toolTags(value);
    case 'if-match':
      return toolTags(value);
    case 'range':
      return whole || ifRangeIsOurs(asked.fields) ? null : value;
    case 'if-range':
      return whole || namesAdopted(value) ? null : value;
    default:
      return value;
  }
}

/** A part of a rewritten body is no part of the tool's: the whole is asked for instead. */
function ifRangeIsOurs(fields: RawHeaders): boolean {
  return fields.some(
    (name, i) => i % 2 === 0 && name.toLowerCase() === 'if-range' && namesAdopted(fields[i + 1] ?? ''),
  );
}

const rewritten = new Set(['document', 'iframe', 'frame', 'style', 'manifest']);

function isRewritten(asked: Asked): boolean {
  return rewritten.has(destinationOf(asked));
}

/** The page's address as the tool knows it. */
function toolReferer(value: string, mount: Mount, view: ClientView): string {
  const split = /^(https?:\/\/[^/?#]*)(\/.*)$/is.exec(value);
  const [, origin = '', path = ''] = split ?? [];
  const place = behind(mount, view.prefix);
  if (!isOrigin(origin, view.origin) || !isUnderPublicBase(place, path)) return value;
  const { host, target } = mount.config;
  const shown = host === 'target' ? `${target.protocol}//${target.authority}` : originText(view.origin);
  return shown + toUpstream(mount, path, publicBase(place).length);
}
