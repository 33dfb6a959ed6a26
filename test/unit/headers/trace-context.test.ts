import fc from 'fast-check';
import {
  formatTraceparent,
  parseTraceparent,
  readTraceContext,
  readTracestate,
  traceFields,
} from '../../../src/headers/trace-context';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const parent = { traceId, spanId, sampled: true, random: false };

const hex = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length })
    .filter((text) => !/^0+$/.test(text));

describe('traceparent', () => {
  test.each([
    ['sampled', `00-${traceId}-${spanId}-01`, parent],
    ['not sampled', `00-${traceId}-${spanId}-00`, { ...parent, sampled: false }],
    ['a random id', `00-${traceId}-${spanId}-03`, { ...parent, random: true }],
    ['unknown flags', `00-${traceId}-${spanId}-fd`, parent],
    ['a later version', `01-${traceId}-${spanId}-01`, parent],
    ['a later version with more', `cc-${traceId}-${spanId}-01-what-the-future-holds`, parent],
    ['a later version with an empty rest', `fe-${traceId}-${spanId}-01-`, parent],
  ])('%s', (_, value, expected) => expect(parseTraceparent(value)).toEqual(expected));

  test.each([
    ['nothing', ''],
    ['the version that must not be', `ff-${traceId}-${spanId}-01`],
    ['version 00 with more', `00-${traceId}-${spanId}-01-more`],
    ['version 00 with a dash at the end', `00-${traceId}-${spanId}-01-`],
    ['a later version with more but no dash', `01-${traceId}-${spanId}-01more`],
    ['an id of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a parent of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['a digit too few', `00-${traceId.slice(1)}-${spanId}-01`],
    ['a digit too many', `00-${traceId}0-${spanId}-01`],
    ['a short version', `0-${traceId}-${spanId}-01`],
    ['short flags', `00-${traceId}-${spanId}-1`],
    ['a space before', ` 00-${traceId}-${spanId}-01`],
    ['a line break behind', `00-${traceId}-${spanId}-01\n`],
    ['two in one', `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
    ['no hexadecimal digits', `00-${'g'.repeat(32)}-${spanId}-01`],
  ])('%s is none', (_, value) => expect(parseTraceparent(value)).toBeNull());

  test('what is written is read as it was', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), fc.boolean(), (trace, span, sampled, random) => {
        const context = { traceId: trace, spanId: span, sampled, random };
        expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
      }),
    );
  });

  test('any text is read or not, and what is read is well-formed', () => {
    const near = fc
      .tuple(hex(2), hex(32), hex(16), hex(2), fc.string({ unit: 'binary' }))
      .map(([version, trace, span, flags, more]) => `${version}-${trace}-${span}-${flags}${more}`);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        const read = parseTraceparent(text);
        if (read) expect(formatTraceparent(read)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);
      }),
    );
  });
});

describe('tracestate', () => {
  test.each<[string, string[], string]>([
    ['one member', ['rojo=00f067aa0ba902b7'], 'rojo=00f067aa0ba902b7'],
    ['several lines are one list', ['rojo=1,congo=2', 'fw@dt=3'], 'rojo=1,congo=2,fw@dt=3'],
    ['spaces and empty members go', [' rojo=1 ,, \tcongo=2'], 'rojo=1,congo=2'],
    ['none', [], ''],
    ['a member without a value spoils it', ['rojo=1,congo'], ''],
    ['capitals spoil it', ['Rojo=1'], ''],
    ['an equals sign in a value spoils it', ['rojo=1=2'], ''],
    ['control characters spoil it', ['rojo=1\u0001'], ''],
  ])('%s', (_, values, expected) => expect(readTracestate(values)).toBe(expected));

  test('32 members are passed on, 33 are not', () => {
    const members = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=1`).join(',');
    expect(readTracestate([members(32)])).toBe(members(32));
    expect(readTracestate([members(33)])).toBe('');
  });

  test('beyond 512 characters the long members go first, then the last', () => {
    const long = `long=${'x'.repeat(200)}`;
    const medium = (name: string) => `${name}=${'y'.repeat(100)}`;
    expect(readTracestate([`a=1,${long}`])).toBe(`a=1,${long}`);
    expect(readTracestate([['a=1', long, ...['b', 'c', 'd', 'e'].map(medium)].join(',')])).toBe(
      ['a=1', ...['b', 'c', 'd', 'e'].map(medium)].join(','),
    );
    expect(readTracestate([['b', 'c', 'd', 'e', 'f', 'g'].map(medium).join(',')])).toBe(
      ['b', 'c', 'd', 'e'].map(medium).join(','),
    );
  });

  test('whatever comes, what is passed on is within the limits', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(...Array.from('ab=,@ \t\u0000é')) })), (values) => {
        const state = readTracestate(values);
        expect(state.length).toBeLessThanOrEqual(512);
        expect(readTracestate([state])).toBe(state);
      }),
    );
  });
});

describe('a request', () => {
  const value = `00-${traceId}-${spanId}-01`;

  test('names its trace, in whatever case the fields are', () => {
    expect(readTraceContext(['TraceParent', value, 'TRACESTATE', 'a=1', 'tracestate', 'b=2'])).toEqual({
      ...parent,
      tracestate: 'a=1,b=2',
    });
  });

  test('that names two traces names none', () => {
    expect(readTraceContext(['traceparent', value, 'Traceparent', value])).toBeNull();
  });

  test('without a traceparent has no tracestate either', () => {
    expect(readTraceContext(['tracestate', 'a=1'])).toBeNull();
    expect(readTraceContext(['traceparent', 'nonsense', 'tracestate', 'a=1'])).toBeNull();
  });

  test('that is passed on has a tracestate only where there is one', () => {
    expect(traceFields({ ...parent, tracestate: 'a=1' })).toEqual(['traceparent', value, 'tracestate', 'a=1']);
    expect(traceFields({ ...parent, tracestate: '' })).toEqual(['traceparent', value]);
  });
});
