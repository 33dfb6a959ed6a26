import type { Random } from './random';

/** Bytes and runs of them over which parsers have been known to disagree. */
const explosive = [
  ...['\r', '\n', '\r\n', '\r\r\n', '\n\r', '\r\n\r\n', '\r\n ', '\r\n\t', '\0', '\v', '\f', '\x1f', '\x7f'],
  ...['\x80', '\x85', '\xa0', '\xad', '\xff', ' ', '\t', '  ', ' :', ': ', ':', ',', ', ', ';', '"', '\\', '=', '/'],
  ...['#', '?', '%00', '@', '+', '-', '_', '0', '00', '0x', '1', '9', '999999999999999999999', 'a', 'F', 'chunked'],
  ...['close', 'keep-alive', 'upgrade', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: b\r\n'],
  ...['Connection: close\r\n', 'Upgrade: websocket\r\n', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0'],
];

/** Changes some bytes: at places that matter (around line ends, colons and blanks) more often than elsewhere. */
export function mutate(random: Random, text: string): string {
  let mutated = text;
  for (let left = 1 + random.below(random.below(4) + 1); left > 0; left--) mutated = mutateOnce(random, mutated);
  return mutated;
}

function mutateOnce(random: Random, text: string): string {
  const at = place(random, text);
  const before = text.slice(0, at);
  const behind = text.slice(at);
  switch (random.below(9)) {
    case 0:
      return before + behind.slice(1);
    case 1:
      return before + String.fromCharCode(random.below(256)) + behind.slice(1);
    case 2:
    case 3:
      return before + random.pick(explosive) + behind;
    case 4:
      return before + random.pick(explosive) + behind.slice(1);
    case 5:
      return before + flipCase(behind.slice(0, 1)) + behind.slice(1);
    case 6:
      return exchangeLines(random, text);
    case 7: {
      const from = place(random, text);
      return before + text.slice(from, from + random.below(24)) + behind;
    }
    default:
      return before + behind.slice(random.below(8));
  }
}

function place(random: Random, text: string): number {
  const at = random.below(text.length + 1);
  if (random.chance(0.4)) return at;
  const mark = text.indexOf(random.pick(['\r', '\n', ':', ' ', ',']), at);
  return mark === -1 ? at : mark + random.below(3) - 1;
}

function flipCase(letter: string): string {
  return /^[a-z]$/i.test(letter) ? String.fromCharCode(letter.charCodeAt(0) ^ 0x20) : letter;
}

/** Repeats, moves or drops a line. */
function exchangeLines(random: Random, text: string): string {
  const lines = text.split('\r\n');
  const line = random.pick(lines);
  lines.splice(random.below(lines.length), random.below(2), ...(random.chance(0.6) ? [line] : []));
  return lines.join('\r\n');
}
