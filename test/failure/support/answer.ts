/** An HTTP answer as its bytes say. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** By lower-case name; fields that came more than once are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without chunk framing. */
  readonly body: string;
  /** Whether the body ended as its framing said it would; null where only the end of the connection tells. */
  readonly complete: boolean | null;
  /** Status codes of the interim answers before it. */
  readonly interim: readonly number[];
  readonly raw: string;
}

/** Reads all that a connection brought as one answer; throws when there is no whole head in it. */
export function readAnswer(raw: string): Answer {
  const interim: number[] = [];
  let rest = raw;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const first = /^HTTP\/1\.1 (\d{3}) ?([^\r]*)\r\n/.exec(rest);
    if (end < 0 || !first) throw new Error(`no answer in ${JSON.stringify(raw.slice(0, 500))}`);
    const status = Number(first[1]);
    const head = rest.slice(first[0].length, end + 2);
    rest = rest.slice(end + 4);
    if (status < 200 && status !== 101) {
      interim.push(status);
      continue;
    }
    const headers = readFields(head);
    return { status, reason: first[2] ?? '', headers, ...readBody(headers, rest), interim, raw };
  }
}

function readFields(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n').slice(0, -1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function readBody(headers: Record<string, string>, text: string): Pick<Answer, 'body' | 'complete'> {
  if (headers['transfer-encoding'] === 'chunked') return readChunks(text);
  const length = headers['content-length'];
  if (length === undefined) return { body: text, complete: null };
  return { body: text.slice(0, Number(length)), complete: text.length === Number(length) };
}

function readChunks(text: string): Pick<Answer, 'body' | 'complete'> {
  let body = '';
  for (let at = 0; ;) {
    const size = /^([0-9a-f]+)\r\n/i.exec(text.slice(at, at + 20));
    if (!size) return { body, complete: false };
    const length = parseInt(size[1]!, 16);
    at += size[0].length;
    if (length === 0) return { body, complete: text.slice(at).endsWith('\r\n') };
    body += text.slice(at, at + length);
    at += length + 2;
  }
}
