import type { Random } from './random';

/*
 * Makes heads and bodies of which most are right, and the rest wrong by one odd choice. Heads are field lines with their
 * line ends, without the empty line behind them.
 */

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const visible = String.fromCharCode(...Array.from({ length: 94 }, (_, i) => 0x21 + i));
const high = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => 0x80 + i));
const tokenMarks = "!#$%&'*+-.^_`|~0123456789";

const methods = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const oddMethods = ['get', 'TRACE', 'CONNECT', 'PRI', 'M-SEARCH', 'QUERY', 'PROPFIND', 'GETX', 'G', '', 'SOURCE'];

const targets = ['/', '//', '/kpow', '/kpow/?', '/a?b=c&d', '/%2f%00', '/..;/', '/"', '/a?b?c', '/\\', '/@:80/'];
const oddTargets = ['*', 'http://a/', '/a#b', '/\xe9', '/a b', 'a', '', '?', '//\x7f', 'a:443', '/\t', 'https://b'];

/** @param rest of the lines, parted by bars */
const lines = (start: string, rest: string) => rest.split('|').map((end) => `${start}${end}`);

const versions = lines('HTTP/', '1.0|1.2|2.0|0.9|1.1 |11|1.01').concat('http/1.1', ' HTTP/1.1', 'RTSP/1.0');

const commonNames = lines('', 'Accept|Cookie|Referer|User-Agent|X-Forwarded-For|Origin|TE|Keep-Alive|X_y');

/** Whatever touches the framing or the connection, with values right and wrong, and lines that are none. */
const oddFields = [
  ...lines('Transfer-Encoding:', ' chunked|chunked| \tchunked| chunked\t| identity| gzip, chunked| '),
  ...lines('Content-Length', ': 0|: 5|: 05|: +5|: 5, 5|: 5 5|: 0x5|: 18446744073709551616|: |:\t5|: 5\t|: 5\x85| : 5'),
  ...lines('Connection:', ' close| Close| \xa0close| close\t| close x| "close"| closed| x-close| clo\tse| |'),
  ...lines('Connection: ', 'keep-alive|close, keep-alive|,close|keep-alive,,close|content-length'),
  ...lines('Connection: ', 'upgrade|Upgrade, keep-alive|keep-alive,Upgrade|upgrade\t, keep-alive|upgrade,'),
  ...lines('Upgrade: ', 'websocket|WebSocket|h2c|websocket, h2c|websocket\xa0|'),
  ...lines('Proxy-Connection: ', 'keep-alive|close'),
  ...lines('Host', ': b|: | : b'),
  ...lines('X', '|:|:\t|: \t |: a\r\n b|\t: a|\xe9: a|: a\0b|: a\rb|: a\nb'),
  ...['Expect: 100-continue', 'Content_Length: 5', ':', ': a', ' X: a'],
];

const extensions = lines('', ';a|;a=b|;a="b c"|;a="\\"";b=c|;a;b|; a=b|;|;a=| |;a=b c|;a="|;a="\\|;\xe9|\t|;a\x85');

const statuses = [200, 200, 200, 201, 204, 206, 301, 304, 404, 500, 100, 101, 103];

export function requestHead(random: Random): string {
  const method = random.pick(random.chance(0.02) ? oddMethods : methods);
  const target = random.chance(0.02) ? random.pick(oddTargets) : originForm(random);
  const version = random.chance(0.02) ? random.pick(versions) : 'HTTP/1.1';
  const fields = fillers(random, ': ');
  const put = (usual: string, values: string[]) =>
    insert(random, fields, `${name(random, usual)}: ${random.pick(values)}`);
  if (random.chance(0.98)) put('Host', ['a', 'a.b:80', '[::1]', 'a b', '\xe9']);
  if (random.chance(0.3)) put('Content-Length', [length(random)]);
  if (random.chance(0.15)) {
    put('Connection', ['Upgrade', 'keep-alive, Upgrade', 'upgrade,keep-alive']);
    put('Upgrade', ['websocket', 'WebSocket']);
  } else if (random.chance(0.4)) put('Connection', ['close', 'keep-alive', 'Close']);
  if (random.chance(0.15)) insert(random, fields, random.pick(oddFields));
  return [`${method} ${target} ${version}`, ...fields, ''].join('\r\n');
}

export function answerHead(random: Random): string {
  const version = random.chance(0.1) ? random.pick(['HTTP/1.0', ...versions]) : 'HTTP/1.1';
  const status = random.chance(0.1) ? 100 + random.below(900) : random.pick(statuses);
  const reason = random.pick([' OK', ' ', '', '  OK ', ` ${random.text(`${visible}${high}\t `, 12)}`]);
  const fields = fillers(random, null);
  const blank = random.pick([': ', ': ', ':', ':  ']);
  const put = (usual: string, values: string[]) =>
    insert(random, fields, `${name(random, usual)}${blank}${random.pick(values)}`);
  if (random.chance(0.4)) put('Content-Length', [length(random)]);
  else if (random.chance(0.5)) put('Transfer-Encoding', ['chunked', 'Chunked', 'chunked ']);
  if (random.chance(0.4)) put('Connection', ['close', 'keep-alive', 'Close', 'a, close']);
  if (random.chance(0.15)) insert(random, fields, random.pick(oddFields));
  return [`${version} ${status}${reason}`, ...fields, ''].join('\r\n');
}

/** With its trailers and the empty line behind them. */
export function chunkedBody(random: Random): string {
  let body = '';
  for (let left = random.below(4); left > 0; left--) {
    const data = random.text(`${visible}${high}\r\n\0 `, random.chance(0.1) ? 300 : 20, 1);
    body += `${size(random, data.length)}${extension(random)}\r\n${data}\r\n`;
  }
  body += `${random.pick(['0', '0', '00'])}${extension(random)}\r\n`;
  if (random.chance(0.4)) for (const field of fillers(random, null)) body += `${field}\r\n`;
  if (random.chance(0.1)) body += `${random.pick(oddFields)}\r\n`;
  return `${body}\r\n`;
}

function originForm(random: Random): string {
  return random.chance(0.5) ? random.pick(targets) : `/${random.text(visible.replace('#', ''), 40)}`;
}

/** @param blank what stands between a name and its value; null for any number of blanks */
function fillers(random: Random, blank: string | null): string[] {
  // Node's parser hands over 32 fields at once.
  const count = random.chance(0.03) ? 28 + random.below(12) : random.below(7);
  return Array.from({ length: count }, () => {
    const field = random.chance(0.5)
      ? name(random, random.pick(commonNames))
      : random.text(letters + tokenMarks, 20, 1);
    const value = random.text(random.chance(0.3) ? `${visible}${high} \t` : `${letters} ,;=`, 30);
    if (blank !== null) return `${field}${blank}${value.replace(/^[ \t]+|[ \t]+$/g, '')}`;
    return `${field}:${random.pick(['', ' ', ' ', '  ', '\t'])}${value}`;
  });
}

function name(random: Random, usual: string): string {
  if (random.chance(0.7)) return usual;
  return random.chance(0.5) ? usual.toLowerCase() : usual.toUpperCase();
}

function length(random: Random): string {
  return random.pick(['0', '1', '5', '007', '16', String(random.below(200)), '000000000000005']);
}

function size(random: Random, bytes: number): string {
  const digits = bytes.toString(16);
  return random.pick([digits, digits, digits.toUpperCase(), `0${digits}`]);
}

function extension(random: Random): string {
  return random.chance(0.8) ? '' : random.pick(extensions);
}

function insert(random: Random, fields: string[], field: string): void {
  fields.splice(random.below(fields.length + 1), 0, field);
}
