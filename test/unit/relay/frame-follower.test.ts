import fc from 'fast-check';
import { FrameFollower } from '../../../src/relay/frame-follower';

/** A server's frame (RFC 6455 §5.2). */
function frame(length: number, first = 0x82): Buffer {
  const head =
    length < 126
      ? [first, length]
      : length < 65_536
        ? [first, 126, length >> 8, length & 255]
        : [first, 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (length >> bits) & 255)];
  // A payload that looks like the beginning of frames.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0x88)]);
}

function followed(...pieces: Buffer[]): FrameFollower {
  const follower = new FrameFollower();
  for (const piece of pieces) follower.follow(piece);
  return follower;
}

const lengths = fc.oneof(fc.nat(300), fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000));

test('it stands between frames exactly where one has ended, however they are cut into pieces', () => {
  fc.assert(
    fc.property(
      fc.array(lengths, { minLength: 1, maxLength: 8 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
      (sizes, parts) => {
        const frames = sizes.map((size) => frame(size));
        const bytes = Buffer.concat(frames);
        const ends = new Set([0]);
        frames.reduce((end, { length }) => (ends.add(end + length), end + length), 0);
        const follower = new FrameFollower();
        let before = 0;
        // Cuts next to where frames end, and anywhere.
        const near = [...ends].flatMap((end) => [end - 1, end, end + 1, end + 3]);
        const cuts = [...near, ...parts.map((part) => Math.floor(part * bytes.length)), bytes.length]
          .filter((at) => at >= 0 && at <= bytes.length)
          .sort((a, b) => a - b);
        for (const cut of cuts) {
          follower.follow(bytes.subarray(before, cut));
          before = cut;
          expect([cut, follower.betweenFrames]).toEqual([cut, ends.has(cut)]);
        }
        expect([follower.lost, follower.closed]).toEqual([false, false]);
      },
    ),
  );
});

test.each([
  ['in its payload', 10],
  ['in its length', 3],
  ['in its first two bytes', 1],
])('the end of a frame that is cut %s is found, and what is behind it is not taken in', (_, cut) => {
  const bytes = Buffer.concat([frame(300), frame(5), frame(1)]);
  const follower = followed(bytes.subarray(0, cut));
  expect(follower.followToEnd(bytes.subarray(cut, 200))).toBe(200 - cut);
  expect(follower.followToEnd(bytes.subarray(200))).toBe(304 - 200);
  expect(follower.betweenFrames).toBe(true);
  expect(follower.followToEnd(bytes.subarray(304))).toBe(0);
});

test('control frames and the parts of a message stand between frames too', () => {
  expect(followed(frame(3, 0x01), frame(0, 0x89), frame(5, 0x80)).betweenFrames).toBe(true);
});

test('extensions may use the reserved bits', () => {
  expect(followed(frame(3, 0xc1)).betweenFrames).toBe(true);
});

test('a close frame is the last', () => {
  expect(followed(frame(3), frame(2, 0x88)).closed).toBe(true);
  expect(followed(frame(3), Buffer.from([0x88])).closed).toBe(false);
});

test.each([
  ['text', Buffer.from('last words')],
  ['a masked frame, which no server sends', Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5])],
  ['a reserved opcode', Buffer.from([0x83, 0])],
  ['a reserved control opcode', Buffer.from([0x8b, 0])],
  ['a control frame in parts', Buffer.from([0x09, 0])],
  ['a long control frame', Buffer.from([0x89, 126, 0, 200])],
  ['a length beyond all counting', Buffer.from([0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0])],
])('%s makes it lose its place for good', (_, bytes) => {
  for (const pieces of [[bytes], [...bytes].map((byte) => Buffer.from([byte]))]) {
    const follower = followed(...pieces, frame(1));
    expect([follower.lost, follower.betweenFrames, follower.closed]).toEqual([true, false, false]);
  }
});
