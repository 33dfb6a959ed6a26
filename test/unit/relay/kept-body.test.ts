import { KeptBody } from '../../../src/relay/kept-body';
import { BodyRoom } from '../../../src/upstream/body-room';

test('what arrives in however many pieces is kept, and what was given out before stays as it is', () => {
  const kept = new KeptBody(Buffer.from('a'));
  const before = kept.bytes;
  for (let i = 0; i < 300_000; i++) kept.add(Buffer.from('b'));
  kept.add(Buffer.from('c'));
  expect([kept.size, before.toString()]).toEqual([300_002, 'a']);
  expect(kept.bytes.toString()).toBe(`a${'b'.repeat(300_000)}c`);
  const other = new KeptBody(kept.bytes);
  other.add(Buffer.from('d'));
  expect([other.bytes.toString().slice(-2), kept.bytes.toString().slice(-2)]).toEqual(['cd', 'bc']);
});

test('bodies that wait have so much room together; one that finds none takes none', () => {
  const room = new BodyRoom();
  const large = 10 * 1024 * 1024;
  expect([room.take(large), room.take(large), room.take(1024)]).toEqual([large, 0, 1024]);
  room.giveBack(large);
  expect(room.take(large)).toBe(large);
});
