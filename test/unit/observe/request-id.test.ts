import { newRequestId } from '../../../src/observe/request-id';

test('ids are 32 hexadecimal digits, and no two are the same', () => {
  const ids = Array.from({ length: 1_000 }, newRequestId);
  expect(ids.filter((id) => !/^[0-9a-f]{32}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
