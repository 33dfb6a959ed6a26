import { fieldFinder, readFieldLines } from '../../../src/relay/field-lines';

const everyByte = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
const hex = (byte: string) => `0x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;

describe('what every reader of field lines takes', () => {
  const lines =
    'Host: a\r\nX-Empty: \r\nx-empty: \r\nCookie: a=b; c="d\te"\r\nX-Latin1: \x80\xa0\xff\r\nX-Colon: a:b: c\r\n';
  const raw = ['Host', 'a', 'X-Empty', '', 'x-empty', '', 'Cookie', 'a=b; c="d\te"', 'X-Latin1', '\x80\xa0\xff'];

  test.each(['one', 'any'] as const)('blanks: %s; order, case and duplicates are kept', (blanks) => {
    expect(readFieldLines(lines, blanks)).toEqual([...raw, 'X-Colon', 'a:b: c']);
  });

  test('no line at all', () => {
    expect(readFieldLines('', 'one')).toEqual([]);
  });

  test('every byte that a token may have, as a name', () => {
    const token = "!#$%&'*+-.^_`|~09azAZ";
    expect(readFieldLines(`${token}: a\r\n`, 'one')).toEqual([token, 'a']);
  });
});

describe('blanks around a value', () => {
  test.each([
    ['none before it', 'X:a\r\n'],
    ['two before it', 'X:  a\r\n'],
    ['a tab before it', 'X:\ta\r\n'],
    ['a blank and a tab before it', 'X: \ta\r\n'],
    ['a blank behind it', 'X: a \r\n'],
    ['a tab behind it', 'X: a\t\r\n'],
    ['many on both sides', 'X:\t \t a\t \t \r\n'],
  ])('%s: cut off, or refused where only one is taken', (_, lines) => {
    expect(readFieldLines(lines, 'any')).toEqual(['X', 'a']);
    expect(readFieldLines(lines, 'one')).toBeNull();
  });

  test.each(['X:\r\n', 'X:\t\r\n', 'X:   \r\n'])('nothing but blanks is an empty value: %j', (lines) => {
    expect(readFieldLines(lines, 'any')).toEqual(['X', '']);
    expect(readFieldLines(lines, 'one')).toBeNull();
  });

  test.each(['\x85', '\xa0'])('%j, a blank of Unicode, belongs to the value', (byte) => {
    for (const blanks of ['one', 'any'] as const) {
      expect(readFieldLines(`X: ${byte}a${byte}\r\n`, blanks)).toEqual(['X', `${byte}a${byte}`]);
    }
  });
});

describe('what none of them takes', () => {
  test.each([
    ['a folded line', 'X: a\r\n b\r\n'],
    ['a line folded with a tab', 'X: a\r\n\tb\r\n'],
    ['a folded first line', ' X: a\r\n'],
    ['a bare LF as the line end', 'X: a\nY: b\r\n'],
    ['a bare LF as the last line end', 'X: a\r\nY: b\n'],
    ['a bare CR', 'X: a\rY: b\r\n'],
    ['two CR before the LF', 'X: a\r\r\n'],
    ['a NUL in the value', 'X: a\0b\r\n'],
    ['a DEL in the value', 'X: a\x7f\r\n'],
    ['a blank before the colon', 'X : a\r\n'],
    ['a tab before the colon', 'X\t: a\r\n'],
    ['a blank in the name', 'X Y: a\r\n'],
    ['no name', ': a\r\n'],
    ['no colon', 'X\r\n'],
    ['no colon in a line before one that has it', 'X\r\nY: b\r\n'],
    ['no line end', 'X: a'],
    ['half a line end', 'X: a\r'],
    ['an empty line', 'X: a\r\n\r\n'],
    ['an empty line alone', '\r\n'],
  ])('%s', (_, lines) => {
    expect(readFieldLines(lines, 'any')).toBeNull();
    expect(readFieldLines(lines, 'one')).toBeNull();
  });

  test('a byte that no token has, in a name', () => {
    const taken = everyByte.filter((byte) => readFieldLines(`X${byte}Y: a\r\n`, 'one'));
    expect(taken.join('')).toBe("!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  });

  test('a control byte but the tab, in a value', () => {
    const taken = everyByte.filter((byte) => readFieldLines(`X: a${byte}b\r\n`, 'one'));
    const refused = everyByte.filter((byte) => !taken.includes(byte)).map(hex);
    expect(refused).toEqual(everyByte.filter((byte) => (byte < ' ' && byte !== '\t') || byte === '\x7f').map(hex));
  });
});

test('a long head with its fault at the end is refused, and does not overflow', () => {
  const long = `X: ${'a '.repeat(100_000)}a\r\n`.repeat(4) + 'X: a\r\n'.repeat(100_000);
  for (const blanks of ['one', 'any'] as const) {
    expect(readFieldLines(long, blanks)).toHaveLength(200_008);
    expect(readFieldLines(`${long}X: a\0\r\n`, blanks)).toBeNull();
    expect(readFieldLines(`X: a${' '.repeat(500_000)}\0\r\n`, blanks)).toBeNull();
  }
});

describe('a finder of fields', () => {
  const find = fieldFinder(['host', 'content-length']);

  test.each(['Host', 'HOST', 'host', 'hOsT'])('knows %s', (name) => {
    expect(find(name)).toBe('host');
  });

  test.each(['', 'Hos', 'Hosts', 'Hose', 'Content_Length', 'Content-Lengthy', '(ost'])(
    'does not take %j for one',
    (name) => {
      expect(find(name)).toBeUndefined();
    },
  );

  test('cannot be made of two names of one length', () => {
    expect(() => fieldFinder(['host', 'date'])).toThrow('date is as long as another name');
  });
});
