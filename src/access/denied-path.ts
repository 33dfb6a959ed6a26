import { withoutEnd } from '../without-end';

/*
 * Whether a path may mean one that is denied, to whoever reads it. A gateway and a tool that read a path differently are
 * how denied pages get asked for after all, so every reading that is known of any tool counts.
 */

/** A denied path as segments. @param path begins with a slash */
export function deniedSegments(path: string): readonly string[] {
  return namesIn(path.toLowerCase());
}

/** Whoever encodes more often than this hides something. */
const mostDecodings = 4;

/**
 * @param path what follows the mount's prefix, without the query
 * @param denied paths on whole segments, each as `deniedSegments` gives it
 */
export function mayBeDenied(path: string, denied: readonly (readonly string[])[]): boolean {
  const isPlain = /^[a-z0-9/_-]*$/.test(path) && !path.includes('//');
  if (isPlain) return denied.some((segments) => isPrefix(segments, path.split('/').slice(1)));
  const readings = [decodedWhole(path, false), decodedWhole(path, true)];
  return readings.some((reading) => reading === null || meansOneOf(reading, denied));
}

function meansOneOf(reading: string, denied: readonly (readonly string[])[]): boolean {
  const segments = reading.split('/').map(nameOf);
  const names = segments.filter((name) => name !== '');
  // Browsers and programs resolve dot segments before they ask. Tools differ in when they do it: before or after they
  // decode, cut parameters off and merge slashes. That the denied names stand there in order is enough.
  const hasDots = names.some((name) => name === '.' || name === '..');
  const tidy = names.map((name) => (/^\.\.?$/.test(name) ? name : withoutEnd(name, '.')));
  return denied.some((wanted) => (hasDots ? isWithin(wanted, tidy) : isPrefix(wanted, tidy)));
}

/**
 * Decodes until nothing is left to decode; encodings of one character that some decoder takes for another become that.
 * @param cutsFirst whether path parameters end before what is in them is decoded (RFC 3986 §3.3; Tomcat, Jetty)
 * @returns null where there is no end of it, or an encoding that no sound decoder takes
 */
function decodedWhole(path: string, cutsFirst: boolean): string | null {
  let text = path;
  for (let passes = 0; passes <= mostDecodings; passes++) {
    const decoded = decodeOnce(cutsFirst ? text.replace(/;[^/]*/g, '') : text);
    if (decoded === text) {
      // 0xC0 and 0xC1 begin nothing but overlong forms: `%c0%af` is a slash to some (RFC 3629 §10).
      if (/[\xc0\xc1]/.test(text)) return null;
      const characters = Buffer.from(text, 'latin1').toString('utf8').normalize('NFKC').toLowerCase();
      return characters.replaceAll('\\', '/');
    }
    text = decoded;
  }
  return null;
}

/** latin1, a byte a character. `%u002f` is IIS's. */
function decodeOnce(text: string): string {
  return text.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/gi, (_, wide: string | undefined, byte: string) =>
    wide === undefined
      ? String.fromCharCode(parseInt(byte, 16))
      : Buffer.from(String.fromCharCode(parseInt(wide, 16))).toString('latin1'),
  );
}

/** Without parameters, and without what some file systems and routers overlook. */
function nameOf(segment: string): string {
  // eslint-disable-next-line no-control-regex
  return (segment.split(/[;?#]/, 1)[0] ?? '').replace(/[\x00-\x20\x7f]/g, '');
}

function namesIn(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function isPrefix(wanted: readonly string[], names: readonly string[]): boolean {
  return wanted.every((name, index) => names[index] === name);
}

/** Whether all that is wanted stands there in this order, whatever stands between. */
function isWithin(wanted: readonly string[], names: readonly string[]): boolean {
  let found = 0;
  for (const name of names) if (name === wanted[found]) found++;
  return found === wanted.length;
}
