import fc from 'fast-check';
import {
  afterTelling,
  dueOf,
  forgetRefusal,
  observe,
  type Outage,
  type Result,
  type Rules,
} from '../../../src/notify/outage';
import { statusOf, type Kind } from './status';

const rules: Rules = { states: ['unhealthy', 'unreachable', 'healthy'], after: 30, repeat: 0 };

interface Told {
  readonly at: number;
  readonly event: string;
  /** The kind of status that the message is about. */
  readonly of: Kind;
}

interface Course {
  readonly until?: number;
  readonly result?: () => Result;
  readonly with?: Partial<Rules>;
}

/** What is told of a mount that becomes `kind` at each `at`, until `until`; every attempt ends as `result` says. */
function tell(
  changes: readonly (readonly [at: number, kind: Kind])[],
  { until = 1_000, result = () => 'yes', with: more = {} }: Course = {},
): Told[] {
  const all = { ...rules, ...more };
  const told: Told[] = [];
  let outage: Outage | null = null;
  let kind: Kind = 'unknown';
  let notBefore = 0;
  const work = (end: number) => {
    for (;;) {
      const due: ReturnType<typeof dueOf> = outage && dueOf(outage, all);
      const at = Math.max(due?.at ?? Infinity, notBefore);
      if (!outage || !due || at >= end) return;
      const outcome = result();
      if (outcome === 'yes') told.push({ at, event: due.event, of: kind });
      outage = afterTelling(outage, outage, due.event, outcome, at);
      notBefore = at + 1;
    }
  };
  for (const [at, next] of changes) {
    work(at);
    kind = next;
    outage = observe(outage, statusOf(next, new Date(at)), all, at);
  }
  work(until);
  return told;
}

const texts = (told: readonly Told[]) => told.map(({ at, event, of }) => `${at} ${event} ${of}`);

test.each<[string, [number, Kind][], string[], Partial<Rules>?]>([
  ['a tool that is well is nothing to tell', [[0, 'healthy']], []],
  [
    'trouble is told when it has lasted',
    [
      [0, 'healthy'],
      [100, 'kpowError'],
    ],
    ['130 trouble kpowError'],
  ],
  [
    'trouble at the start is told too',
    [
      [0, 'unknown'],
      [5, 'refused'],
    ],
    ['35 trouble refused'],
  ],
  [
    'shorter trouble is not',
    [
      [0, 'refused'],
      [29, 'healthy'],
    ],
    [],
  ],
  [
    'its end is told when it has lasted',
    [
      [0, 'refused'],
      [100, 'healthy'],
    ],
    ['30 trouble refused', '130 recovery healthy'],
  ],
  [
    'a moment of health in between is not',
    [
      [0, 'refused'],
      [100, 'healthy'],
      [110, 'refused'],
      [200, 'healthy'],
    ],
    ['30 trouble refused', '230 recovery healthy'],
  ],
  [
    'trouble that changes its kind is one trouble, told as it is',
    [
      [0, 'refused'],
      [10, 'unhealthy'],
      [20, 'refused'],
      [25, 'unhealthy'],
    ],
    ['30 trouble unhealthy'],
  ],
  [
    'a new kind that lasts is told, also kPow’s ERROR state after another trouble',
    [
      [0, 'unhealthy'],
      [100, 'kpowError'],
      [200, 'refused'],
      [210, 'kpowError'],
    ],
    ['30 trouble unhealthy', '130 trouble kpowError'],
  ],
  [
    'another reason for no answer is not',
    [
      [0, 'refused'],
      [100, 'timeout'],
    ],
    ['30 trouble refused'],
  ],
  ['nothing is told of what the webhook is not for', [[0, 'unhealthy']], [], { states: ['unreachable', 'healthy'] }],
  [
    'and its end is not the end of what it is for',
    [
      [0, 'refused'],
      [100, 'unhealthy'],
      [200, 'healthy'],
    ],
    ['30 trouble refused', '230 recovery healthy'],
    { states: ['unreachable', 'healthy'] },
  ],
  [
    'without healthy no end is told, and the next trouble is a new one',
    [
      [0, 'refused'],
      [100, 'healthy'],
      [200, 'refused'],
    ],
    ['30 trouble refused', '230 trouble refused'],
    { states: ['unhealthy', 'unreachable'] },
  ],
  [
    'reminders come as long as it lasts',
    [
      [0, 'refused'],
      [300, 'healthy'],
    ],
    ['30 trouble refused', '130 reminder refused', '230 reminder refused', '330 recovery healthy'],
    { repeat: 100 },
  ],
  [
    'without a wait it is told at once',
    [
      [0, 'refused'],
      [1, 'healthy'],
    ],
    ['0 trouble refused', '1 recovery healthy'],
    { after: 0 },
  ],
])('%s', (_, changes, expected, more = {}) => {
  expect(texts(tell(changes, { with: more, until: 400 }))).toEqual(expected);
});

describe('while the receiver does not take messages', () => {
  const results = (...all: Result[]) => {
    const left = [...all];
    return () => left.shift() ?? 'yes';
  };

  it('the newest state is told once it does', () => {
    const changes = [
      [0, 'refused'],
      [35, 'kpowError'],
    ] as const;
    const told = tell(changes, { result: results(...Array<Result>(100).fill('no')) });
    expect(texts(told)).toEqual(['130 trouble kpowError']);
  });

  it('trouble that was over before is not told any more', () => {
    expect(
      tell(
        [
          [0, 'refused'],
          [50, 'healthy'],
        ],
        { result: results(...Array<Result>(20).fill('no')) },
      ),
    ).toEqual([]);
  });

  it('its end is told when the trouble may have arrived', () => {
    const told = tell(
      [
        [0, 'refused'],
        [31, 'healthy'],
      ],
      { result: results('maybe') },
    );
    expect(texts(told)).toEqual(['61 recovery healthy']);
  });

  it('what is refused is not told again before it changes', () => {
    const told = tell(
      [
        [0, 'refused'],
        [100, 'unhealthy'],
      ],
      { result: results('refused') },
    );
    expect(texts(told)).toEqual(['130 trouble unhealthy']);
  });

  it('what was refused is due again under new settings, what was told is not', () => {
    const trouble = observe(null, statusOf('refused'), rules, 0);
    const after = (result: Result) => forgetRefusal(afterTelling(trouble, trouble, 'trouble', result, 30));
    expect(dueOf(after('refused'), rules)).toMatchObject({ event: 'trouble' });
    expect(dueOf(after('yes'), rules)).toBeNull();
  });
});

it('the trouble began when the first of it was seen, whatever became of it', () => {
  const began = new Date(1_000);
  let outage = observe(null, statusOf('healthy', new Date(0)), rules, 0);
  outage = observe(outage, statusOf('refused', began), rules, 1_000);
  outage = observe(outage, statusOf('kpowError', new Date(2_000)), rules, 2_000);
  expect(outage.since).toEqual(began);
  outage = observe(outage, statusOf('healthy', new Date(3_000)), rules, 3_000);
  expect(outage.since).toEqual(began);
  outage = observe(outage, statusOf('refused', new Date(9_000)), rules, 9_000);
  expect(outage.since).toEqual(new Date(9_000));
});

describe('whatever happens', () => {
  const kinds = fc.constantFrom<Kind>('healthy', 'unhealthy', 'kpowError', 'refused', 'timeout');
  const history = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 100 }), kinds), { minLength: 1, maxLength: 60 })
    .map((steps) => {
      let at = 0;
      return steps.map(([wait, kind]) => [(at += wait), kind] as const);
    });
  const trouble = (kind: Kind) => kind !== 'healthy';

  it('recoveries follow trouble, one each', () => {
    fc.assert(
      fc.property(history, (changes) => {
        let open = false;
        for (const { event } of tell(changes, { until: Infinity })) {
          expect(event === 'recovery').toBe(open && event === 'recovery');
          open = event !== 'recovery';
        }
      }),
    );
  });

  it('nothing is told that has not lasted', () => {
    fc.assert(
      fc.property(history, (changes) => {
        for (const { at, of } of tell(changes, { until: Infinity })) {
          // From `after` before the message until then it was in trouble, or well, all the time.
          const during = changes.filter(
            ([from], i) => from <= at && (changes[i + 1]?.[0] ?? Infinity) > at - rules.after,
          );
          expect(during.every(([, kind]) => trouble(kind) === trouble(of))).toBe(true);
          expect(changes[0]![0]).toBeLessThanOrEqual(at - rules.after);
        }
      }),
    );
  });

  it('after a quiet time, what was told last is the truth, however many attempts failed', () => {
    const outcomes = fc.array(fc.constantFrom<Result>('yes', 'no', 'maybe'), { maxLength: 50 });
    fc.assert(
      fc.property(history, outcomes, (changes, results) => {
        const left = [...results];
        const told = tell(changes, { until: Infinity, result: () => left.shift() ?? 'yes' });
        const last = told.at(-1);
        const now = changes.at(-1)![1];
        expect(trouble(last?.of ?? 'healthy')).toBe(trouble(now));
        if (last && trouble(now)) expect(statusOf(last.of).state).toBe(statusOf(now).state);
      }),
    );
  });
});
