interface Steady {
  readonly whileSteady: <T>(work: () => Promise<T>, halted: (gap: number) => void) => Promise<T>;
}
const { whileSteady } = jest.requireActual<Steady>('../../../bench/steady.cjs');

/** What a halted machine looks like from within: nothing runs. */
const standStill = () => {
  const end = performance.now() + 300;
  while (performance.now() < end);
};

test('what is measured while the machine stands still is measured again', async () => {
  const gaps: number[] = [];
  let tries = 0;
  const result = await whileSteady(
    () => {
      tries += 1;
      if (tries === 1) standStill();
      return Promise.resolve(tries);
    },
    (gap) => gaps.push(gap),
  );
  expect(result).toBe(2);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]).toBeGreaterThan(200);
});

test('on a machine that never runs steadily, the third measure has to do', async () => {
  let tries = 0;
  const work = () => {
    tries += 1;
    standStill();
    return Promise.resolve(tries);
  };
  await expect(whileSteady(work, () => undefined)).resolves.toBe(3);
});

test('a failure is not a halt: it comes out', async () => {
  await expect(
    whileSteady(
      () => Promise.reject(new Error('no answer')),
      () => undefined,
    ),
  ).rejects.toThrow('no answer');
});
