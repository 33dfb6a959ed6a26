import { ChunkEnds } from '../../../src/listener/chunk-ends';

const sound = [
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  'A\r\n\r\n\r\n\r\n\r\n12\r\n0\r\n\r\n',
  '0005;a=b;c="d"\r\nhello\r\n000;e\r\n\r\n',
  `${'0'.repeat(40)}1\r\nx\r\n0\r\n\r\n`,
  '1\r\n0\r\n0\r\nX-A: b\r\nX-B: c\r\n\r\n',
  `1;${'x'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
];

test.each(sound)('the end of %j is found, however it comes in', (text) => {
  const bytes = Buffer.from(`${text}GET / HTTP/1.1\r\n\r\n`, 'latin1');
  for (const step of [bytes.length, 1, 2, 3, 7]) {
    const ends = new ChunkEnds();
    let end = 0;
    for (let at = 0; at < bytes.length && !ends.ended; at += step) end = at + ends.find(bytes.subarray(at, at + step));
    expect([ends.ended, end]).toEqual([true, text.length]);
  }
});

test.each(['zz\r\n', '\r\n', '5\r\nhello\r\n-', '5\r\nhe', 'ffffffffffffffffff\r\nx', '0\r\nX-A'])(
  '%j, with no end in it, is left to who reads it',
  (text) => {
    const ends = new ChunkEnds();
    expect([ends.find(Buffer.from(text, 'latin1')), ends.ended]).toEqual([text.length, false]);
  },
);
