import type { RawHeaders } from '../../src/headers/raw';

/** One message as Node's parser understands it. */
export interface Message {
  method: string;
  target: string;
  minor: number;
  status: number;
  reason: string;
  raw: RawHeaders;
  keepAlive: boolean;
  upgrade: boolean;
  body: string;
  trailers: RawHeaders;
  complete: boolean;
}

export interface Reading {
  readonly messages: readonly Message[];
  /** The parser's error code. */
  readonly error: string | null;
  /** How many bytes it took; fewer than were there before an upgrade. */
  readonly taken: number;
}

/** What of Node's own is not for everybody, and so has no types. */
interface Parser {
  [callback: number]: unknown;
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  execute(bytes: Buffer): number | (Error & { code: string; bytesParsed: number });
  finish(): (Error & { code: string }) | undefined;
}

interface HttpCommon {
  readonly HTTPParser: (new () => Parser) &
    Record<
      'REQUEST' | 'RESPONSE' | 'kOnHeaders' | 'kOnHeadersComplete' | 'kOnBody' | 'kOnMessageComplete' | 'kLenientNone',
      number
    >;
  readonly methods: readonly string[];
  /** From Node 24 on, what a method's number stands for. */
  readonly allMethods?: readonly string[];
}

const { HTTPParser, methods, allMethods } = process.getBuiltinModule('node:_http_common') as unknown as HttpCommon;

/** Far more than any head here has: the limits of either side are not what is compared. */
const maxHeaderSize = 1024 * 1024;

const parser = new HTTPParser();
let messages: Message[] = [];
/** What has come in portions: of a head with many fields, or of trailers. */
let pending: string[] = [];
let pendingTarget = '';

const last = () => messages[messages.length - 1];

parser[HTTPParser.kOnHeaders] = (raw: string[], target: string) => {
  pending.push(...raw);
  pendingTarget += target;
};
parser[HTTPParser.kOnBody] = (part: Buffer) => {
  const message = last();
  if (message) message.body += part.toString('latin1');
};
parser[HTTPParser.kOnMessageComplete] = () => {
  const message = last();
  if (message) Object.assign(message, { complete: true, trailers: pending });
  pending = [];
};

type HeadersComplete = (
  major: number,
  minor: number,
  raw: string[] | undefined,
  method: number,
  target: string | undefined,
  status: number,
  reason: string,
  upgrade: boolean,
  keepAlive: boolean,
) => number;

/** @param skip what Node is told of the body: 0 that there may be one, 1 that there is none, 2 that HTTP ends here */
function onHeaders(skip: (message: Message) => 0 | 1 | 2): HeadersComplete {
  return (_major, minor, raw, method, target, status, reason, upgrade, keepAlive) => {
    const message = {
      method: (allMethods ?? methods)[method] ?? '',
      target: target ?? pendingTarget,
      minor,
      status,
      reason,
      raw: raw ? [...raw] : pending,
      keepAlive,
      upgrade,
      body: '',
      trailers: [],
      complete: false,
    };
    pending = [];
    pendingTarget = '';
    messages.push(message);
    return skip(message);
  };
}

function read(type: number, headers: HeadersComplete, bytes: Buffer, ends: boolean): Reading {
  messages = [];
  pending = [];
  pendingTarget = '';
  parser.initialize(type, {}, maxHeaderSize, HTTPParser.kLenientNone);
  parser[HTTPParser.kOnHeadersComplete] = headers;
  const result = parser.execute(bytes);
  if (typeof result !== 'number') return { messages, error: result.code, taken: result.bytesParsed };
  const unfinished = ends ? parser.finish() : undefined;
  return { messages, error: unfinished?.code ?? null, taken: result };
}

const requestHeaders = onHeaders(({ upgrade }) => (upgrade ? 2 : 0));
const answerHeaders = onHeaders(({ upgrade, status }) => (upgrade ? 2 : status < 200 || status === 304 ? 1 : 0));
const answerHeadersToHead = onHeaders(({ upgrade }) => (upgrade ? 2 : 1));

/** Reads as an `http.Server` that listens for upgrades does. */
export function readRequests(bytes: Buffer): Reading {
  return read(HTTPParser.REQUEST, requestHeaders, bytes, false);
}

/**
 * Reads as an `http.ClientRequest` does.
 * @param ends whether the connection ends behind these bytes
 * @param toHead whether the request was a HEAD
 */
export function readAnswers(bytes: Buffer, { ends = false, toHead = false } = {}): Reading {
  return read(HTTPParser.RESPONSE, toHead ? answerHeadersToHead : answerHeaders, bytes, ends);
}
