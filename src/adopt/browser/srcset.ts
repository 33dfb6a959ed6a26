import type { MapUrl } from './url';

/**
 * Maps the URLs of a `srcset` (HTML §4.8.4.2.1). A URL ends at white space, so that one may hold commas, but not at
 * its end; a candidate ends at a comma outside parentheses, for which its descriptor is read to the next comma.
 */
export const mapSrcset = (text: string, map: MapUrl): string =>
  text.replace(/([\s,]*)([^\s,]\S*)([^,]*)/g, (_whole, before: string, url: string, descriptor: string) => {
    if (!url.endsWith(',')) return before + map(url) + descriptor;
    const bare = url.replace(/,+$/, '');
    return before + map(bare) + url.slice(bare.length) + mapSrcset(descriptor, map);
  });
