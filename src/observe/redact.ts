const LONGEST = 1_000;

/** A name that can stand in a log. Anything else may itself be the secret: a bare token, JSON, base64 with its `=`. */
const PLAIN_NAME = /^(?:[\w.~$:[\]-]|%5[BD]){1,64}$/i;

/** A path in which nothing can be secret and nothing has to be encoded: most are such. */
const PLAIN_PATH = /^\/[\w/.~!$&'()*+,=:@-]*$/;

/**
 * A request target for the log: path, and the names of parameters, but no value of a query or a path parameter, no
 * user and no fragment: `/kpow/x;jsessionid=*?code=*&state=*`. Printable ASCII, at most 1,000 characters.
 */
export function safeTarget(url: string): string {
  if (url.length <= LONGEST && PLAIN_PATH.test(url)) return url;
  const [, beforeQuery = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url.slice(0, LONGEST)) ?? [];
  const masked =
    maskUser(beforeQuery).replace(
      /(;|%3b)([^/;?]*)/gi,
      (_, mark: string, parameter: string) => mark + mask(parameter),
    ) +
    (query === undefined ? '' : `?${query.split('&').map(mask).join('&')}`) +
    (fragment === undefined ? '' : '#*');
  const safe = percentEncode(masked);
  return url.length > LONGEST || safe.length > LONGEST ? `${safe.slice(0, LONGEST - 3)}...` : safe;
}

/** `http://user:password@host/` as a request target (RFC 9112 §3.2.2). */
const maskUser = (target: string) => target.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1*@');

function mask(parameter: string): string {
  if (parameter === '') return '';
  const [, name = '', value = ''] = /^(.*?)(?:=|%3d)(.*)$/is.exec(parameter) ?? [];
  // `=` alone after it is how base64 ends.
  return PLAIN_NAME.test(name) && /[^=]/.test(value) ? `${name}=*` : '*';
}

/** Whatever is not printable ASCII, and what quotes or escapes in a log. Node hands over a target's bytes as latin1. */
const percentEncode = (text: string) =>
  text.replace(/[^\x21-\x7e]|["\\`<>]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 256) return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
    return isLoneSurrogate(code) ? '%EF%BF%BD' : encodeURIComponent(character);
  });

const isLoneSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;
