/** Length of what parsers are given, in bytes. What takes the square of it takes seconds. */
export const long = 32_000;
const short = long / 4;

/** Milliseconds of CPU; of nobody else's, so that a busy machine changes little. */
function cpu(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const fastest = (run: () => void): number => Math.min(...Array.from({ length: 3 }, () => cpu(run)));

/**
 * Says whether the work for a text grows with its length alone: either it is little, or that of a text four times as
 * long is not near sixteen times as much.
 * @param run given a length
 */
export function growsLinearly(run: (length: number) => void): boolean {
  const once = cpu(() => run(long));
  if (once < 50 || once < 8 * cpu(() => run(short))) return true;
  const [few, many] = [fastest(() => run(short)), fastest(() => run(long))];
  return many < 50 || many < 8 * few;
}

/** What is no letter or digit in ASCII, one of each of these, and what means something together. */
export const delimiters: readonly string[] = [
  ...Array.from('\0\t\n\f\r\x1f a1 !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\x7f'),
  ...[
    '\xa0',
    '\xe9',
    '\r\n',
    '\r\n ',
    '\n\n',
    '  a',
    'a ',
    'a,',
    'a;',
    ', ',
    '; ',
    ',,a',
    'a=',
    'a=b;',
    'a="',
    '="',
    "='",
  ],
  ...[
    'a="b" ',
    'a=b ',
    '"a',
    "'a",
    '\\"',
    '\\a',
    '\\\n',
    '&a',
    '&amp;',
    '&#',
    '&#x2f;',
    '%2e',
    '%2e%2e/',
    '%25',
    '../',
    '/..',
  ],
  ...[
    '/./',
    '//',
    '/a',
    'a/',
    '/;',
    '..;/',
    '://',
    'http://',
    'a:',
    '[',
    '[]',
    '[a]',
    '${',
    '${a}',
    '}}',
    '{{',
    '{"a":',
    '["',
  ],
  ...[
    '<a',
    '<a ',
    '<a href="',
    "<a b='",
    '<a/',
    '</a',
    '</a>',
    '<a>',
    '<!--',
    '-->',
    '--',
    '<!',
    '<?',
    '<![CDATA[',
    ']]>',
  ],
  ...[
    '<script',
    '<script>',
    '</script',
    '<style',
    '<style>',
    '<svg>',
    '</svg>',
    '<math>',
    '<b>',
    '</b>',
    '<p>',
    '<link ',
  ],
  ...[
    'url(',
    'url("',
    'url(\\',
    'url( ',
    ')',
    '@import "',
    '@',
    '@a',
    '/*',
    '*/',
    '/* *',
    '\\',
    'image-set("',
    '(',
    'a(',
  ],
  ...[
    'for=',
    'for=a,',
    'for="\\',
    'for= ',
    'path=',
    ';path=/',
    'Path = ',
    'W/"',
    '"1", ',
    'q=',
    'text/html,',
    '#',
    '- ',
    '-----BEGIN ',
  ],
  ...[
    '-----BEGIN CERTIFICATE-----',
    '-----END ',
    '--[[',
    '{ ',
    '} ',
    'a{',
    '1m',
    '1',
    '11 ',
    '*',
    '*a',
    '?',
    '&a ',
    '*a ',
    ': ',
    '- a',
  ],
];
