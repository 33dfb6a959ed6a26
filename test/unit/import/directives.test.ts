import { NginxSyntaxError, parseDirectives, type Directive } from '../../../src/import/directives';

const words = (text: string) => parseDirectives(text, 'f').map(({ name, args }) => [name, ...args]);

test.each<[string, string, string[][]]>([
  ['words', 'listen  80\n ssl ;', [['listen', '80', 'ssl']]],
  ['double and single quotes', `a "b; {c" 'd"e';`, [['a', 'b; {c', 'd"e']]],
  ['escaped quotes', String.raw`a "b\"c" 'd\'e';`, [['a', 'b"c', "d'e"]]],
  ['a backslash before anything else stays', String.raw`a \.php$ \;x;`, [['a', '\\.php$', '\\;x']]],
  ['a quote within a word is a character', `a b"c;`, [['a', 'b"c']]],
  ['comments, also within a directive', 'a # x ; }\n b; # end', [['a', 'b']]],
  ['# within a word is a character', 'a b#c;', [['a', 'b#c']]],
  ['a variable in braces', 'a ${b}c;', [['a', '${b}c']]],
  ['an empty text', 'a "";', [['a', '']]],
  ['a byte order mark', '\ufeffa b;', [['a', 'b']]],
  [
    'Lua is passed over',
    'content_by_lua_block { if x then y = "}" end -- }\n { } } a b;',
    [['content_by_lua_block'], ['a', 'b']],
  ],
])('%s', (_, text, expected) => expect(words(text)).toEqual(expected));

test('blocks hold their directives, each with its line', () => {
  const lines = (directives: readonly Directive[]): unknown =>
    directives.map(({ name, line, block }) => (block ? [name, line, lines(block)] : [name, line]));
  expect(lines(parseDirectives('a {\n b "x\ny";\n c { d; }\n}\ne\n f;', 'f'))).toEqual([
    [
      'a',
      1,
      [
        ['b', 2],
        ['c', 4, [['d', 4]]],
      ],
    ],
    ['e', 6],
  ]);
});

test.each([
  ['server {\n listen 80;', 'line 1: the { of "server" is never closed; add its }'],
  ['a;\n}', 'line 2: a "}" stands there without its {; take it out'],
  ['a {\n b c\n}', 'line 2: "b c" has no ; at its end; add it'],
  ['listen 80', 'line 1: "listen 80" has no ; at its end; add it'],
  ['a;\n;', 'line 2: a ";" stands there without a directive; take it out'],
  ['a "b;', 'line 1: the quote " is never closed; add another'],
  ['access_by_lua_block { {', 'line 1: the { of "access_by_lua_block" is never closed; add its }'],
  ['a {'.repeat(200), 'line 1: is nested too deeply; write it flatter'],
  ['a;'.repeat(60_000), 'line 1: there are more than 50000 directives; take some out'],
])('%.30s: one sentence', (text, message) => {
  expect(() => parseDirectives(text, 'f')).toThrow(new NginxSyntaxError(message));
});
