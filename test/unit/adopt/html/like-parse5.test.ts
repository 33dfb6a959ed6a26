import { html, parse, type DefaultTreeAdapterTypes } from 'parse5';
import { PageRewriter } from '../../../../src/adopt/html/page-rewriter';
import { bodyUrls, rewritten } from '../bodies';
import { Random } from '../../../fuzz/random';

type Node = DefaultTreeAdapterTypes.Node;

/**
 * No select: what it leaves out, browsers have come to leave in. And what is within SVG or MathML is there alone: end tags
 * across them are told by the tree builder only.
 */
const pieces = [
  '<a href="/x">',
  '<a href=/x>',
  "<A HREF='/x'",
  '</a>',
  '<img src=/x ',
  '/>',
  '>',
  '<',
  '</',
  '<!',
  '<!--',
  '-->',
  '--!>',
  '-',
  '<!-->',
  '<script>',
  '</script>',
  '</script ',
  '<script',
  '<!doctype html>',
  '<style>',
  '</style>',
  '<title>',
  '</title>',
  '<textarea>',
  '</textarea>',
  '<svg>',
  '</svg>',
  '<svg',
  '<svg><foreignObject>',
  '</foreignObject></svg>',
  '<svg><desc>',
  '<math>',
  '<math><mi>',
  '</mi></math>',
  '</math>',
  '<![CDATA[',
  ']]>',
  '<p>',
  '</p>',
  '<noscript>',
  '</noscript>',
  '<xmp>',
  '</xmp>',
  '<iframe>',
  '</iframe>',
  '<template>',
  '</template>',
  '<table>',
  '<tr><td>',
  '"',
  "'",
  '=',
  ' ',
  '\n',
  '/',
  '&',
  ';',
  'x',
  'href="/x"',
  'href',
  'title=">"',
  '<br>',
  '<head>',
  '<body>',
  '<html>',
  '<?x',
  '<b',
  '<plaintext>',
];

/** All that a browser makes of a page: elements with their attributes, text and comments, in their order. */
function seen(node: Node, href: (value: string) => string, out: string[] = []): string[] {
  if ('attrs' in node) {
    const isForeign = node.namespaceURI !== html.NS.HTML;
    const attributes = node.attrs.map(({ prefix, name, value }) => {
      const holdsUrl =
        (name === 'href' && (isForeign || ['a', 'area', 'link', 'base'].includes(node.tagName))) ||
        (name === 'src' && !isForeign && ['img', 'script', 'iframe', 'input'].includes(node.tagName));
      return `${prefix ?? ''}:${name}=${holdsUrl ? href(value) : value}`;
    });
    out.push(`<${node.tagName} ${attributes.join(' ')}>`);
  } else if ('value' in node) out.push(`"${node.value}"`);
  else if ('data' in node) out.push(`<!--${node.data}-->`);
  for (const child of 'content' in node ? node.content.childNodes : 'childNodes' in node ? node.childNodes : [])
    seen(child, href, out);
  return out;
}

/** More by hand: `PAGES=40000 npx jest test/unit/adopt/html/like-parse5.test.ts`. */
const count = Number(process.env['PAGES'] ?? 400);

test('a browser sees the same page, with its URLs under the prefix', () => {
  const urls = bodyUrls();
  for (let seed = 1; seed <= count; seed++) {
    const random = new Random(seed);
    const page = Array.from({ length: 1 + random.below(14) }, () => random.pick(pieces)).join('');
    const create = () => new PageRewriter(bodyUrls(), Buffer.alloc(0), { document: false });
    const after = rewritten(create, page);
    expect([seed, rewritten(create, page, 1 + random.below(5))]).toEqual([seed, after]);
    const wanted = seen(parse(page), (value) => urls.fixed(value));
    expect([page, ...seen(parse(after), (value) => value)]).toEqual([page, ...wanted]);
  }
});
