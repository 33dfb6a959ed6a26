import { soundReason } from '../headers/answer-framing';
import { byName } from '../headers/by-name';
import { connectionLoginFields, tellsOfConnectionLogin } from '../headers/connection-login';
import type { RawHeaders } from '../headers/raw';
import { answerFateOf, specialAnswerFields, specialAnswerPrefixes, type AnswerFate } from '../headers/response';
import { announcedIdle } from '../upstream/keep-alive';
import { areFieldLines, lengthDigits, maybeFieldLines, readFieldLines, valueOfLine } from './field-lines';

/** A field line of an answer that means something to the gateway. */
export interface SpecialLine {
  /** Where it stands among the lines, with its CRLF. */
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly value: string;
  readonly fate: Exclude<AnswerFate, 'passes'>;
}

/** The head of an answer, with nothing left to interpret. */
export class AnswerHead {
  readonly status: number;
  /** The reason phrase, '' where there is none. */
  readonly reason: string;
  /** The field lines as they came, each with its CRLF. */
  readonly lines: string;
  /** Those of them that are not just passed on; null where the fields have to be gone through one by one. */
  readonly special: readonly SpecialLine[] | null;
  /** How the body ends, if there is one: after so many bytes, with the last chunk, or with the connection (RFC 9112 §6.3). */
  readonly framing: number | 'chunked' | 'close';
  /** Whether it says that it is the last of its connection. */
  readonly closes: boolean;
  /** Whether the connection may carry another request. */
  readonly keepAlive: boolean;
  /** How long the connection may be idle after it, in milliseconds; null where the tool does not say. */
  readonly idle: number | null;
  readonly hasDate: boolean;
  /** Whether it tells of a login that the connection carries, or may carry (NTLM, Negotiate). */
  readonly login: boolean;
  #raw: RawHeaders | null = null;
  #passed: string | null | undefined;

  constructor(parts: Omit<AnswerHead, 'raw' | 'passed'>) {
    this.status = parts.status;
    this.reason = parts.reason;
    this.lines = parts.lines;
    this.special = parts.special;
    this.framing = parts.framing;
    this.closes = parts.closes;
    this.keepAlive = parts.keepAlive;
    this.idle = parts.idle;
    this.hasDate = parts.hasDate;
    this.login = parts.login;
  }

  /** The fields, split when they are first asked for. */
  get raw(): RawHeaders {
    return (this.#raw ??= readFieldLines(this.lines, 'any') ?? []);
  }

  /** The lines that are passed on, where every client gets the same ones; null where some depend on the request. */
  get passed(): string | null {
    if (this.#passed === undefined) {
      const { lines, special } = this;
      const same = special?.every(({ fate }) => fate === 'ends') === true;
      this.#passed = same ? linesWith(lines, special, () => '') : null;
    }
    return this.#passed;
  }
}

/** Puts something else in the place of the special ones among field lines. */
export function linesWith(
  lines: string,
  special: readonly SpecialLine[],
  instead: (line: SpecialLine) => string,
): string {
  let out = '';
  let at = 0;
  for (const line of special) {
    out += lines.slice(at, line.start) + instead(line);
    at = line.end;
  }
  return out + lines.slice(at);
}

const statusLine = /^HTTP\/1\.[01] [1-9][0-9]{2}(?: [^\r\n]*)?\r\n/;

/** Where the parts of a status line stand. */
const minorAt = 7;
const statusAt = 9;
const reasonAt = 13;

const protocol = 'HTTP/1.';

/**
 * Whether a head of which some is missing may become one that is read.
 * @param known how much of it has been found to be so before
 */
export function maybeAnswerHead(text: string, known = 0): boolean {
  if (!protocol.startsWith(text.slice(0, protocol.length))) return false;
  const line = text.indexOf('\n');
  // A reason may be anything.
  return line === -1 || maybeFieldLines(text.slice(Math.max(line, text.lastIndexOf('\n', known - 1)) + 1));
}

/** The names that are more than names here. */
const deciding = [
  'content-length',
  'transfer-encoding',
  'connection',
  'proxy-connection',
  'keep-alive',
  'trailer',
  'date',
  ...connectionLoginFields,
] as const;

/** What a name means. */
const meaningOf = byName((name) => ({
  fate: answerFateOf(name),
  decides: deciding.find((it) => it === name) ?? null,
}));

/** First letters of the names with a meaning, by the names' lengths; and of whole families, of any length. */
const letters: string[] = [];
for (const name of [...deciding, ...specialAnswerFields])
  letters[name.length] = (letters[name.length] ?? '') + name.charAt(0);
const families = new Set(specialAnswerPrefixes.map((prefix) => prefix.charCodeAt(0)));

/** Whether a name may have a meaning: nearly none has, and this is seen without taking it out of the text. */
function mayMean(text: string, at: number, length: number): boolean {
  const letter = text.charCodeAt(at) | 0x20;
  return (letters[length]?.includes(String.fromCharCode(letter)) ?? false) || families.has(letter);
}

/** A tab around a value that decides how the connection goes on, which not every reader takes for a blank. */
const tabAtDeciding = /(?:^|\n)(?:content-length|transfer-encoding|(?:proxy-)?connection):[^\r\n]*\t/i;

/**
 * Reads the head of an answer strictly: what could be understood in two ways is no answer.
 * @param text latin1; with the CRLF of its last line, without the empty line behind it
 * @returns null for what is refused
 */
export function readAnswerHead(text: string): AnswerHead | null {
  if (!statusLine.test(text)) return null;
  const lineEnd = text.indexOf('\r');
  const lines = text.slice(lineEnd + 2);
  const usual = areFieldLines(lines, 'one');
  if (!usual && (!areFieldLines(lines, 'any') || tabAtDeciding.test(lines))) return null;
  let length: string | null = null;
  let coding: string | null = null;
  let closes = text.charAt(minorAt) === '0';
  let simple = usual;
  let hasDate = false;
  let login = false;
  let idle: number | null = null;
  const special: SpecialLine[] = [];
  for (let at = 0; at < lines.length;) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r', colon);
    const start = at;
    at = end + 2;
    if (!mayMean(lines, start, colon - start)) continue;
    const name = lines.slice(start, colon);
    const meaning = meaningOf(name);
    const value = valueOfLine(lines, colon, end);
    if (meaning.fate !== 'passes') special.push({ start, end: at, name, value, fate: meaning.fate });
    switch (meaning.decides) {
      case null:
        break;
      case 'date':
        hasDate = true;
        break;
      case 'www-authenticate':
      case 'persistent-auth':
        login ||= tellsOfConnectionLogin(meaning.decides, value);
        break;
      case 'keep-alive':
        idle = announcedIdle(value) ?? idle;
        break;
      case 'trailer':
        simple = false;
        break;
      case 'connection':
      case 'proxy-connection':
        // Whoever names it, in whatever list, hardly means to go on.
        closes ||= value.toLowerCase().includes('close');
        simple &&= value === 'keep-alive' || value === 'close';
        break;
      default:
        // Both, or either of them twice, is an attack or a mistake (RFC 9112 §6.1, §6.3); see `withOneLength`.
        if (length !== null || coding !== null) return null;
        if (meaning.decides === 'content-length') length = value;
        else coding = value;
    }
  }
  const framing = readFraming(length, coding);
  if (framing === null) return null;
  const status = Number(text.slice(statusAt, statusAt + 3));
  const reason = text.slice(reasonAt, lineEnd);
  return new AnswerHead({
    status,
    reason: soundReason(reason),
    lines,
    special: simple && status !== 204 ? special : null,
    framing,
    closes,
    keepAlive: !closes && (framing !== 'close' || endsWithHead(status)),
    idle,
    hasDate,
    login,
  });
}

/** Whatever its fields say, and whatever was asked for (RFC 9112 §6.3). */
function endsWithHead(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

function readFraming(length: string | null, coding: string | null): AnswerHead['framing'] | null {
  if (coding !== null) return coding.toLowerCase() === 'chunked' ? 'chunked' : null;
  if (length === null) return 'close';
  return lengthDigits.test(length) ? Number(length) : null;
}
