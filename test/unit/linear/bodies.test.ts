import type { BodyRewriter } from '../../../src/adopt/body-rewriter';
import { StyleRewriter } from '../../../src/adopt/css/style-rewriter';
import { PageRewriter } from '../../../src/adopt/html/page-rewriter';
import { ManifestRewriter } from '../../../src/adopt/manifest';
import { HeldBytes } from '../../../src/held-bytes';
import { ChunkFollower } from '../../../src/relay/chunk-follower';
import { FrameFollower } from '../../../src/relay/frame-follower';
import { bodyUrls } from '../adopt/bodies';
import { delimiters, growsLinearly } from './growth';

const urls = bodyUrls();
const element = Buffer.from('<script></script>');

/** Takes bytes in; what it gives back is not looked at. */
type Take = (bytes: Buffer) => void;

const rewriting = (create: () => BodyRewriter) => (): Take => {
  const rewriter = create();
  return (bytes) => void rewriter.push(bytes);
};
const page = rewriting(() => new PageRewriter(urls.copy(), element, { document: true }));
const style = rewriting(() => new StyleRewriter(urls));
/** What is refused is read no further. */
const following = (create: () => { follow: Take }) => (): Take => {
  const follower = create();
  let isRefused = false;
  return (bytes) => {
    if (isRefused) return;
    try {
      follower.follow(bytes);
    } catch {
      isRefused = true;
    }
  };
};
const chunks = following(() => {
  const follower = new ChunkFollower();
  return { follow: (bytes) => void follower.follow(bytes, 0, bytes.length, () => undefined) };
});

const readers: readonly { readonly name: string; readonly create: () => Take; readonly before: readonly string[] }[] = [
  {
    name: 'a page',
    create: page,
    before: [
      ...[
        '',
        'text',
        '<a ',
        '<a href=',
        '<a href="/',
        "<a style='",
        '<img srcset="/',
        '<iframe srcdoc="',
        '<!--',
        '<!',
        '</',
      ],
      ...[
        '<style>',
        '<style>a{b:url(',
        '<script>',
        '<script><!--<script>',
        '<script type=importmap>',
        '<svg>',
        '<svg><![CDATA[',
      ],
      ...['<meta http-equiv=refresh ', '<meta http-equiv=refresh content="5;', '<base href="/'],
    ],
  },
  {
    name: 'a style sheet',
    create: style,
    before: ['', 'a', '@', 'url(', 'url("', "url(  '", '@import "', 'image-set("', '/*', 'a{b:"', 'url(\\'],
  },
  { name: 'a manifest', create: rewriting(() => new ManifestRewriter(urls)), before: ['', '{"src":"'] },
  { name: 'chunks', create: chunks, before: ['', '1;', '0\r\n', '0\r\nA: ', '5\r\n'] },
  { name: 'frames', create: following(() => new FrameFollower()), before: ['', '\x81\x7e\x7f\xff', '\x81\x7f'] },
  {
    name: 'what is held back',
    create: () => {
      const held = new HeldBytes();
      return (bytes) => held.keep(held.with(bytes), 0);
    },
    before: [''],
  },
];

/** In single bytes each takes longer: one of each kind. */
const some = ['a', ' ', 'a="b" ', '<', '-', '\\', ', ', '&'];

describe.each(readers)('$name', ({ create, before }) => {
  const slow = (delimiter: string, pieces: (bytes: Buffer, take: Take) => void) =>
    before
      .filter(
        (start) =>
          !growsLinearly((length) => {
            pieces(Buffer.from(start + delimiter.repeat(Math.ceil(length / delimiter.length)), 'latin1'), create());
          }),
      )
      .map((start) => `${start}(${delimiter})*`);

  test('as a whole', () => {
    expect(delimiters.flatMap((delimiter) => slow(delimiter, (bytes, take) => take(bytes)))).toEqual([]);
  });

  test('in single bytes', () => {
    const single = (bytes: Buffer, take: Take) => {
      for (let at = 0; at < bytes.length; at++) take(bytes.subarray(at, at + 1));
    };
    expect(some.flatMap((delimiter) => slow(delimiter, single))).toEqual([]);
  });
});
