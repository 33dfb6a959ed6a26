import { Lexer, LineCounter, parseDocument, type Document as YamlDocument } from 'yaml';
import { withoutEnd } from '../without-end';

const least = 'mounts: [{ path: /kpow, target: "http://localhost:3000" }]';

const tooDeep = 'is nested too deeply; write it flatter';

/** The value of a YAML text, which must be one mapping; or every problem, with line and column. */
export function parseYaml(text: string): { value: object } | { problems: string[] } {
  // The parser takes minutes over some thousand of them.
  if (isDeeperThan(100, text)) return { problems: [tooDeep] };
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      version: '1.2',
      merge: true,
      stringKeys: true,
      prettyErrors: false,
      lineCounter: lines,
      logLevel: 'error',
    });
    if (document.errors.length > 0) return { problems: syntaxProblems(document, text, lines) };
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null || value === undefined) return { problems: [`is empty; write at least ${least}`] };
    if (typeof value !== 'object' || Array.isArray(value))
      return { problems: [`is not a mapping of keys to values; write at least ${least}`] };
    JSON.stringify(value); // throws when an alias leads back into itself
    return { value };
  } catch (error) {
    if (error instanceof RangeError) return { problems: [tooDeep] };
    if (error instanceof ReferenceError && /excessive alias/i.test(error.message))
      return { problems: ['repeats its aliases (*name) too often; write the values out'] };
    const unknown =
      error instanceof ReferenceError ? /^unresolved alias [^:]*: (\S+)/i.exec(error.message)?.[1] : undefined;
    if (unknown !== undefined)
      return {
        problems: [`uses *${unknown} without an anchor &${unknown} before it; add the anchor, or put quotes around it`],
      };
    if (error instanceof ReferenceError || error instanceof TypeError)
      return { problems: ['has an alias (*name) that leads back into itself; write the values out'] };
    return { problems: [`is not YAML; ${error instanceof Error ? error.message : String(error)}`] };
  }
}

/** Whether brackets stand in brackets more often than that, outside texts and comments. */
function isDeeperThan(most: number, text: string): boolean {
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > most) return true;
  }
  return false;
}

function syntaxProblems(document: YamlDocument.Parsed, text: string, lines: LineCounter): string[] {
  return document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    if (error.code === 'MULTIPLE_DOCS')
      return `line ${line}, column ${col}: a second document begins here; leave one, without --- in between`;
    const what = withoutEnd(error.message.split('\n', 1)[0] ?? '', '.:');
    return `line ${line}, column ${col}: ${what}; ${fixFor(error.code, text.split('\n')[line - 1] ?? '')}`;
  });
}

function fixFor(code: string, line: string): string {
  if (code === 'DUPLICATE_KEY') return 'take one of the two out';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  // Within { } and [ ] braces have a meaning of their own.
  const bracket = line.search(/[[{]/);
  if (bracket !== -1 && line.includes('${', bracket))
    return 'put quotes around each value with ${...} within { } or [ ]';
  return 'correct the YAML there';
}
