/** An answer read from the wire. */
export interface Answer {
  readonly status: number;
  /** Name (lower case) and value, in order. */
  readonly fields: readonly (readonly [string, string])[];
  /** Without the chunked coding. */
  readonly body: string;
}

/** Reads one whole answer. Interim ones before it are passed over. */
export function readAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return { status: 0, fields: [], body: text };
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const rest = text.slice(end + 4);
  if (status >= 100 && status < 200 && status !== 101) return readAnswer(rest);
  const fields = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const chunked = fields.some(([name, value]) => name === 'transfer-encoding' && value === 'chunked');
  return { status, fields, body: chunked ? unchunk(rest) : rest };
}

export function field({ fields }: Answer, name: string): string | null {
  return fields.find(([each]) => each === name)?.[1] ?? null;
}

function unchunk(text: string): string {
  let body = '';
  for (let at = 0; ;) {
    const line = text.indexOf('\r\n', at);
    const size = parseInt(text.slice(at, line), 16);
    if (line === -1 || Number.isNaN(size)) throw new Error(`a broken chunked body: ${text}`);
    if (size === 0) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
