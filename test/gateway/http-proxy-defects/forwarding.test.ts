import { recordingUpstream, type RecordingUpstream } from '../../support/upstreams';
import { gateway, libraries, names, status, through, type Who } from './subject';

let tool: RecordingUpstream;

/** What a client and a tool say to their own neighbour only (RFC 9110 §7.6.1). */
const hopByHopRequest = [
  'GET /a HTTP/1.1',
  'Host: tools.example',
  'Connection: keep-alive, X-Named',
  'X-Named: 1',
  'Keep-Alive: timeout=5',
  'TE: trailers',
  'Proxy-Authorization: Basic c2VjcmV0',
  'Proxy-Connection: keep-alive',
  'Upgrade: h2c',
  'X-Kept: 1',
  '',
  '',
].join('\r\n');
const hopByHop = ['keep-alive', 'te', 'proxy-authorization', 'proxy-connection', 'upgrade', 'x-named'];
const answeredHopByHop = ['proxy-authenticate', 'upgrade', 'x-named'];

describe('hop-by-hop fields', () => {
  const exchange = async (who: Who) => {
    tool = await recordingUpstream((_req, res) => {
      const fields = ['Connection', 'X-Named', 'X-Named', '1', 'Proxy-Authenticate', 'Basic', 'Upgrade', 'h2c'];
      res.writeHead(200, [...fields, 'Keep-Alive', 'timeout=77', 'X-Kept', '1', 'Content-Length', '2']).end('ok');
    });
    const answer = await through(who, tool, async ({ connect }) =>
      (await connect()).write(hopByHopRequest).until(/\r\n\r\nok$/),
    );
    return { answer, arrived: names(tool.requests[0]?.rawHeaders ?? []), answered: names(fieldsOf(answer)) };
  };

  test.each(libraries)('%s passes them on, both ways', async (library) => {
    const { answer, arrived, answered } = await exchange(library);
    expect(arrived).toEqual(expect.arrayContaining(hopByHop));
    expect(answered).toEqual(expect.arrayContaining(answeredHopByHop));
    expect(answer).toContain('timeout=77');
  });

  test('the gateway takes them out, both ways, and leaves the others', async () => {
    const { answer, arrived, answered } = await exchange(gateway);
    expect(arrived.filter((name) => hopByHop.includes(name))).toEqual([]);
    expect(arrived).toContain('x-kept');
    expect(tool.requests[0]?.headers.connection).toBe('keep-alive');
    expect(answered.filter((name) => answeredHopByHop.includes(name))).toEqual([]);
    expect(answered).toContain('x-kept');
    expect(answer).not.toContain('timeout=77');
  });
});

describe('keep-alive', () => {
  const twice = 'GET /a HTTP/1.1\r\nHost: tools.example\r\n\r\n';
  const exchange = async (who: Who, close: boolean) => {
    const connections = new Set<unknown>();
    tool = await recordingUpstream((req, res) => {
      connections.add(req.socket);
      res.writeHead(200, ['Content-Length', '2', ...(close ? ['Connection', 'close'] : [])]).end('ok');
    });
    const { answers, kept } = await through(who, tool, async ({ connect }) => {
      const client = (await connect()).write(twice);
      await client.until(/\r\n\r\nok$/);
      client.write(twice);
      const received = await client.until(/ok[^]*\r\n\r\nok$/).catch(() => client.text);
      return { answers: received.match(/\r\n\r\nok/g)?.length, kept: !client.closed };
    });
    return {
      answers,
      kept,
      connections: connections.size,
      asked: tool.requests.map(({ headers }) => headers.connection),
    };
  };

  test.each(libraries)('%s turns it off towards the tool, and so towards the client', async (library) => {
    expect(await exchange(library, false)).toEqual({ answers: 1, kept: false, connections: 1, asked: ['close'] });
  });

  test.each(libraries)('%s closes the client’s connection because the tool closes its own', async (library) => {
    expect(await exchange(library, true)).toMatchObject({ answers: 1, kept: false });
  });

  test('the gateway keeps both connections', async () => {
    expect(await exchange(gateway, false)).toEqual({
      answers: 2,
      kept: true,
      connections: 1,
      asked: ['keep-alive', 'keep-alive'],
    });
  });

  test('the gateway keeps the client’s connection when the tool closes its own', async () => {
    expect(await exchange(gateway, true)).toMatchObject({ answers: 2, kept: true, connections: 2 });
  });
});

describe('a client’s own X-Forwarded-For', () => {
  const spoofed = 'GET /a HTTP/1.1\r\nHost: tools.example\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n';
  const exchange = async (who: Who) => {
    tool = await recordingUpstream();
    await through(who, tool, ({ ask }) => ask(spoofed), { forwarded: true });
    return tool.requests[0]?.headers['x-forwarded-for'];
  };

  test.each(libraries)('%s believes it, whoever the client is', async (library) => {
    expect(await exchange(library)).toMatch(/^203\.0\.113\.7,(::ffff:)?127\.0\.0\.1$/);
  });

  test('the gateway replaces it', async () => {
    expect(await exchange(gateway)).toBe('127.0.0.1');
  });
});

describe('103 Early Hints', () => {
  const exchange = async (who: Who) => {
    tool = await recordingUpstream((_req, res) => {
      res.writeEarlyHints({ link: '</app.css>; rel=preload; as=style' });
      res.end('ok');
    });
    return through(who, tool, ({ ask }) => ask('GET /a HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n'));
  };

  test.each(libraries)('%s loses them', async (library) => {
    expect(status(await exchange(library))).toBe(200);
  });

  test('the gateway passes them on before the answer', async () => {
    expect(await exchange(gateway)).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/app\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    );
  });
});

/** The raw header list of an answer's head. */
function fieldsOf(answer: string): string[] {
  const [, ...lines] = answer.slice(0, answer.indexOf('\r\n\r\n')).split('\r\n');
  return lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
}
