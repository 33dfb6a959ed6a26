import { NameTable } from './tag-scanner';

/** What an attribute holds. */
export type AttributeKind = 'url' | 'urls' | 'srcset' | 'style' | 'srcdoc';

const media = [
  'img',
  'script',
  'iframe',
  'frame',
  'embed',
  'source',
  'track',
  'video',
  'audio',
  'input',
  'portal',
  'image',
];

/** By attribute: what it holds, and the elements that have it (HTML, "Attributes", and those that browsers still know). */
const attributes: Readonly<Record<string, readonly [AttributeKind, readonly string[] | 'all']>> = {
  href: ['url', ['a', 'area', 'link', 'base']],
  src: ['url', media],
  action: ['url', ['form']],
  formaction: ['url', ['button', 'input']],
  poster: ['url', ['video']],
  data: ['url', ['object']],
  codebase: ['url', ['object', 'applet']],
  ping: ['urls', ['a', 'area']],
  manifest: ['url', ['html']],
  background: ['url', ['body', 'table', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th']],
  cite: ['url', ['blockquote', 'q', 'ins', 'del']],
  longdesc: ['url', ['img', 'iframe', 'frame']],
  srcset: ['srcset', ['img', 'source']],
  imagesrcset: ['srcset', ['link']],
  style: ['style', 'all'],
  srcdoc: ['srcdoc', ['iframe']],
};

/** Attributes of SVG and MathML, whatever the element. */
const foreign = new Set(['href', 'xlink:href']);

/** Read for what other attributes mean. */
const read = ['http-equiv', 'content', 'type', 'encoding', 'color', 'face', 'size'];

/** Elements whose contents are text up to their end tag (HTML §13.2.6.2), where scripts run. */
export const rawText = new Set([
  'script',
  'style',
  'textarea',
  'title',
  'xmp',
  'iframe',
  'noembed',
  'noframes',
  'noscript',
]);

/** HTML elements that end SVG and MathML (HTML §13.2.6.5). */
export const breakout = new Set(
  `b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr
   ol p pre ruby s small span strong strike sub sup table tt u ul var`.split(/\s+/),
);

/** By root: the elements within it in which HTML stands. */
export const integrationPoints: Readonly<Record<'svg' | 'math', ReadonlySet<string>>> = {
  svg: new Set(['foreignobject', 'desc', 'title']),
  math: new Set(['mi', 'mo', 'mn', 'ms', 'mtext']),
};

const elements = new Set<string>([
  ...Object.values(attributes).flatMap(([, of]) => (of === 'all' ? [] : of)),
  ...rawText,
  ...breakout,
  ...Object.values(integrationPoints).flatMap((names) => [...names]),
  ...['html', 'head', 'base', 'meta', 'svg', 'math', 'plaintext', 'font', 'link'],
]);

export const tagNames = new NameTable(elements);
export const attributeNames = new NameTable([...Object.keys(attributes), 'xlink:href', ...read]);

const kinds = new Map<string, AttributeKind>(
  Object.entries(attributes).flatMap(([name, [kind, of]]) =>
    of === 'all' ? [[name, kind] as const] : of.map((tag) => [`${tag} ${name}`, kind] as const),
  ),
);

/** What an attribute of an element holds; undefined for nothing that is rewritten. */
export function attributeKind(tag: string, name: string, isForeign: boolean): AttributeKind | undefined {
  if (isForeign && foreign.has(name)) return 'url';
  return name === 'style' ? 'style' : kinds.get(`${tag} ${name}`);
}
