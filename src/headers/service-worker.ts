import { publicBase, toPublic } from '../mount/mount';
import { pathOf } from '../mount/path';
import { parseUrl } from '../parse-url';
import { fixLocation, type AnswerContext } from './location';

/** Stands for whichever host a path is of. */
const anyHost = 'host.invalid';

/**
 * Service-Worker-Allowed (Service Workers, "Update" step 17): the widest scope that a worker's script may ask for,
 * as a URL against the script's own. A worker sees and answers all requests of its scope, so that of a tool never
 * reaches out of its mount: a wider one becomes the mount, and one beside it the script's own folder, as without the
 * field. The outcome is always a path from the root, since browsers join several such fields to one URL.
 */
export function fixAllowedScope(value: string, context: AnswerContext): string {
  const base = publicBase(context.mount);
  if (base === '') return value;
  const mount = `${base}/`;
  const scope = publicPath(value, context);
  if (scope?.startsWith(mount)) return scope;
  if (scope !== null && mount.startsWith(scope)) return mount;
  const script = pathOf(context.publicTarget);
  const folder = script.slice(0, script.lastIndexOf('/') + 1);
  return folder.startsWith(mount) ? folder : mount;
}

/** @returns null for another site's, and for what is no URL */
function publicPath(value: string, context: AnswerContext): string | null {
  const { mount, upstreamTarget, publicTarget, origin } = context;
  const said = parseUrl(value, `http://${anyHost}${upstreamTarget}`);
  if (!said) return null;
  if (said.host === anyHost) {
    const { path: base } = mount.config.target;
    // All that the tool's address holds is more than the mount shows of it.
    if (base.startsWith(said.pathname)) return '/';
    return toPublic(mount, said.pathname);
  }
  // With an address: that of the tool, or the public one.
  const fixed = parseUrl(fixLocation(value, context), `http://${anyHost}${publicTarget}`);
  const isHere = fixed && (fixed.host === anyHost || fixed.host === origin.authority.toLowerCase());
  return isHere ? fixed.pathname : null;
}
