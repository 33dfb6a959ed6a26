/** A directive of an nginx configuration, with what stands in its braces. */
export interface Directive {
  readonly name: string;
  /** Without quotes and backslashes; variables stand as they are. */
  readonly args: readonly string[];
  /** null for one that ends with a semicolon. */
  readonly block: Directive[] | null;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Why a text is no nginx configuration: a sentence that begins with the line. */
export class NginxSyntaxError extends Error {
  override readonly name = 'NginxSyntaxError';
}

/** More than any real configuration has, and little enough to be worked through in a second. */
export const mostDirectives = 50_000;
const mostBlocks = 100;

const escapes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };

/**
 * The directives of a text, by nginx's own rules (`ngx_conf_read_token`): quotes, comments and closing braces count at
 * the beginning of a word alone; `${name}` is part of a word.
 * @param file what the text is called
 * @throws NginxSyntaxError
 */
export function parseDirectives(text: string, file: string): Directive[] {
  const top: Directive[] = [];
  const open: Directive[] = [];
  let siblings = top;
  let words: string[] = [];
  let begun = 1;
  let line = 1;
  let count = 0;
  let at = 0;

  const refuse = (where: number, message: string): never => {
    throw new NginxSyntaxError(`line ${where}: ${message}`);
  };
  const finish = (block: Directive[] | null): Directive => {
    const [name = '', ...args] = words;
    if (++count > mostDirectives) refuse(begun, `there are more than ${mostDirectives} directives; take some out`);
    const directive = { name, args, block, file, line: begun };
    siblings.push(directive);
    words = [];
    return directive;
  };

  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '\n') line++;
    if (/\s/.test(character) || character === '\ufeff') {
      at++;
    } else if (character === '#') {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (character === ';' || character === '{') {
      if (words.length === 0) refuse(line, `a "${character}" stands there without a directive; take it out`);
      at++;
      if (character === ';') finish(null);
      else if (words[0]?.endsWith('_by_lua_block') === true) {
        const end = luaEnd(text, at);
        if (end === -1) refuse(begun, `the { of "${words.join(' ')}" is never closed; add its }`);
        finish(null);
        line += text.slice(at, end).split('\n').length - 1;
        at = end + 1;
      } else {
        if (open.length === mostBlocks) refuse(line, 'is nested too deeply; write it flatter');
        const block: Directive[] = [];
        open.push(finish(block));
        siblings = block;
      }
    } else if (character === '}') {
      if (words.length > 0) refuse(begun, `${shown(words)} has no ; at its end; add it`);
      if (open.pop() === undefined) refuse(line, 'a "}" stands there without its {; take it out');
      siblings = open.at(-1)?.block ?? top;
      at++;
    } else {
      if (words.length === 0) begun = line;
      const word = readWord(text, at) ?? refuse(line, `the quote ${character} is never closed; add another`);
      words.push(word.value);
      line += text.slice(at, word.end).split('\n').length - 1;
      at = word.end;
    }
  }
  if (words.length > 0) refuse(begun, `${shown(words)} has no ; at its end; add it`);
  const unclosed = open.at(-1);
  if (unclosed !== undefined)
    refuse(unclosed.line, `the { of ${shown([unclosed.name, ...unclosed.args])} is never closed; add its }`);
  return top;
}

function shown(words: readonly string[]): string {
  const text = words.join(' ').replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
  return `"${text.length > 60 ? `${text.slice(0, 57)}...` : text}"`;
}

/** @returns null when a quote is never closed */
function readWord(text: string, start: number): { value: string; end: number } | null {
  const quote = text[start] === '"' || text[start] === "'" ? text[start] : null;
  let value = '';
  let at = quote === null ? start : start + 1;
  for (; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote === null ? /[\s;{]/.test(character) : character === quote) break;
    if (character === '\\') {
      const next = text[++at] ?? '';
      value += escapes[next] ?? `\\${next}`;
    } else if (character === '$' && text[at + 1] === '{') {
      value += '${';
      at++;
    } else value += character;
  }
  if (quote === null) return { value, end: Math.min(at, text.length) };
  return at < text.length ? { value, end: at + 1 } : null;
}

/** Where the brace that closes a block of Lua stands, or -1; one in a Lua string or comment does not count. */
function luaEnd(text: string, start: number): number {
  const token =
    /--\[\[(?:[^\]]|\](?!\]))*|--[^\n]*|\[\[(?:[^\]]|\](?!\]))*|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|[{}]/g;
  token.lastIndex = start;
  let depth = 1;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '{') depth++;
    else if (match[0] === '}' && --depth === 0) return match.index;
  }
  return -1;
}
