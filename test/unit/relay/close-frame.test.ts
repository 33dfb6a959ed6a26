import { isCloseFrame } from '../../../src/relay/close-frame';

test.each([
  ['a tool’s, without a code', [0x88, 0x00], true],
  ['a tool’s, with a code', [0x88, 0x02, 0x03, 0xe8], true],
  ['a client’s, masked', [0x88, 0x82, 1, 2, 3, 4, 0x02, 0xea], true],
  ['a text', [0x81, 0x02, 0x68, 0x69], false],
  ['a close frame with something behind it', [0x88, 0x00, 0x81], false],
  ['half a close frame', [0x88, 0x02, 0x03], false],
  ['one byte', [0x88], false],
  ['nothing', [], false],
])('%s', (_, bytes, is) => {
  expect(isCloseFrame(Buffer.from(bytes))).toBe(is);
});
