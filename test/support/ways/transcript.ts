/** An answer as a client reads it (RFC 9112 §6.3), with nothing left of how its chunks were cut. */
export interface ReadAnswer {
  readonly interim: readonly string[];
  readonly statusLine: string;
  /** In their order. */
  readonly fields: readonly string[];
  /** latin1; what came through the websocket of a 101. */
  readonly body: string;
  readonly trailers: readonly string[];
  /** Whether it has arrived as a whole. */
  readonly complete: boolean;
}

/**
 * Reads the answers that a connection brought.
 * @param methods of the requests they answer
 * @param closed whether there will be no more of them
 */
export function readTranscript(
  text: string,
  methods: readonly string[],
  closed: boolean,
): { readonly answers: readonly ReadAnswer[]; readonly rest: string } {
  const answers: ReadAnswer[] = [];
  let rest = text;
  for (const method of methods) {
    const interim: string[] = [];
    while (/^HTTP\/1\.1 1(?!01)/.test(rest) && rest.includes('\r\n\r\n')) {
      const end = rest.indexOf('\r\n\r\n') + 4;
      interim.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return { answers, rest };
    const [statusLine = '', ...fields] = rest.slice(0, end).split('\r\n');
    const body = readBody(rest.slice(end + 4), Number(statusLine.slice(9, 12)), method, fields, closed);
    answers.push({ interim, statusLine, fields, ...body.read });
    rest = body.rest;
    if (!body.read.complete) break;
  }
  return { answers, rest };
}

/** The values of a field. @param name lower case */
export function fieldValues(fields: readonly string[], name: string): string[] {
  return fields
    .filter((field) => field.toLowerCase().startsWith(`${name}:`))
    .map((field) => field.slice(name.length + 1).trim());
}

type ReadBody = Pick<ReadAnswer, 'body' | 'trailers' | 'complete'>;

function readBody(
  text: string,
  status: number,
  method: string,
  fields: readonly string[],
  closed: boolean,
): { readonly read: ReadBody; readonly rest: string } {
  if (status !== 101 && (method === 'HEAD' || status === 204 || status === 304))
    return { read: { body: '', trailers: [], complete: true }, rest: text };
  if (status !== 101 && fieldValues(fields, 'transfer-encoding').length > 0) return readChunks(text);
  const length = status === 101 ? undefined : fieldValues(fields, 'content-length')[0];
  if (length === undefined) return { read: { body: text, trailers: [], complete: closed }, rest: '' };
  const body = text.slice(0, Number(length));
  return { read: { body, trailers: [], complete: body.length === Number(length) }, rest: text.slice(body.length) };
}

function readChunks(text: string): { readonly read: ReadBody; readonly rest: string } {
  let body = '';
  for (let at = 0; ;) {
    const line = /^([0-9a-f]+)\r\n/i.exec(text.slice(at, at + 20));
    const size = parseInt(line?.[1] ?? '', 16);
    if (line && size === 0) {
      const trailers = /^(?:[^\r\n]+\r\n)*\r\n/.exec(text.slice(at + line[0].length))?.[0];
      if (trailers === undefined) return { read: { body, trailers: [], complete: false }, rest: '' };
      return {
        read: { body, trailers: trailers.split('\r\n').slice(0, -2), complete: true },
        rest: text.slice(at + line[0].length + trailers.length),
      };
    }
    const from = at + (line?.[0].length ?? 0);
    body += line ? text.slice(from, from + size) : '';
    if (!line || text.slice(from + size, from + size + 2) !== '\r\n')
      return { read: { body, trailers: [], complete: false }, rest: '' };
    at = from + size + 2;
  }
}
