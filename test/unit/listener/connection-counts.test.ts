import { ConnectionCounts } from '../../../src/listener/connection-counts';

test('counts what is here and elsewhere, and tells what has changed here', () => {
  const changed: string[] = [];
  const counts = new ConnectionCounts((client) => changed.push(client));
  counts.opened('a');
  counts.opened('a');
  counts.opened('b');
  counts.closed('b');
  counts.elsewhere({
    clients: new Map([
      ['a', 3],
      ['c', 1],
    ]),
    open: 4,
  });
  expect([counts.of('a'), counts.ofHere('a'), counts.of('b'), counts.of('c')]).toEqual([5, 2, 0, 1]);
  expect([counts.open, counts.openHere]).toEqual([6, 2]);
  counts.elsewhere({ clients: new Map([['c', 0]]), open: 3 });
  expect([counts.of('a'), counts.of('c'), counts.open]).toEqual([5, 0, 5]);
  expect(changed).toEqual(['a', 'a', 'b', 'b']);
});
