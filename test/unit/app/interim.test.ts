import { soundLinks } from '../../../src/app/interim';

const preload = '</a.css>; rel=preload; as=style';

test('the links of all fields and lists are told apart', () => {
  expect(
    soundLinks(['Link', preload, 'X', 'y', 'link', `</b.js>; rel="preload", </c,d>;rel=prefetch;crossorigin`]),
  ).toEqual([preload, '</b.js>; rel="preload"', '</c,d>;rel=prefetch;crossorigin']);
});

test.each(['', 'a', '<a', '<a>b', '<a>;', '<a>; "', '<a>; rel="x', '<a>; rel=a b', `<x>${';a=b'.repeat(40)};"`])(
  '%j is no link',
  (link) => {
    expect(soundLinks(['Link', link])).toEqual([]);
  },
);

test('links without measure are not passed on', () => {
  expect(soundLinks(['Link', Array(1000).fill(preload).join(', ')])).toEqual([]);
});
