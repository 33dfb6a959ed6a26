import fc from 'fast-check';
import { bufferSize, copyOfBody, giveBack } from '../../../src/relay/body-buffers';

const bytes = Buffer.from(Array.from({ length: bufferSize }, (_, i) => (i * 7919) % 251));

const sizes = fc.oneof(fc.nat(100), fc.nat(70_000), fc.nat(bufferSize));

test('a copy stays what it is until it is given back, whatever is read and copied meanwhile', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(sizes, fc.boolean()), { minLength: 1, maxLength: 200 }), (steps) => {
      const held: { copy: Buffer; size: number }[] = [];
      const shared = Buffer.from(bytes);
      for (const [size, givesBack] of steps) {
        bytes.copy(shared);
        held.push({ copy: copyOfBody(shared, bufferSize - size, bufferSize), size });
        shared.fill(0, bufferSize - size);
        const first = givesBack ? held.shift() : undefined;
        if (first) giveBack(first.copy);
      }
      for (const { copy, size } of held) expect(copy.equals(bytes.subarray(bufferSize - size))).toBe(true);
      for (const { copy } of held) giveBack(copy);
    }),
    { numRuns: 30 },
  );
});

test('a copy that was given back is the next one of its size', () => {
  const copy = copyOfBody(bytes, 0, 50_000);
  giveBack(copy);
  expect(copyOfBody(bytes, 0, 60_000).buffer).toBe(copy.buffer);
});
