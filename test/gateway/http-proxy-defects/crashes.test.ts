import path from 'node:path';
import util from 'node:util';
import { rawUpstream, readUntil, recordingUpstream, type Upstream } from '../../support/upstreams';
import { gateway, handshake, libraries, original, status, successor, through, type Subject } from './subject';

/** Sends a request on a connection of its own, and waits until the library's process has died of it. */
const deadlyRequest = async ({ connect, died }: Subject, request: string) => {
  (await connect()).write(request);
  return died;
};

/** A tool that says the same bytes to every request. */
const saying = (answer: string): Promise<Upstream> =>
  rawUpstream((socket) => void readUntil(socket).then(() => socket.write(answer)));

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n`;
const announced = 'GET /a HTTP/1.1\r\nHost: tools.example\r\nTrailer: X-Checksum\r\nConnection: close\r\n\r\n';

describe('a Trailer field in a request without a body', () => {
  test(`${original} dies`, async () => {
    const tool = await recordingUpstream();
    const { code, stderr } = await through(original, tool, (subject) => deadlyRequest(subject, announced));
    expect([code, stderr]).toEqual([1, expect.stringContaining('ERR_HTTP_TRAILER_INVALID')]);
  });

  test.each([successor, gateway] as const)('%s answers, and does not pass it on', async (who) => {
    const tool = await recordingUpstream();
    const answer = await through(who, tool, ({ ask }) => ask(announced));
    expect(status(answer)).toBe(200);
    expect(tool.requests[0]?.headers).not.toHaveProperty('trailer');
  });
});

describe('a Trailer field in an answer with a length', () => {
  const answer = 'HTTP/1.1 200 OK\r\nTrailer: X-Checksum\r\nContent-Length: 2\r\n\r\nok';

  test.each(libraries)('%s dies', async (library) => {
    const tool = await saying(answer);
    const { code, stderr } = await through(library, tool, (subject) => deadlyRequest(subject, get('/a')));
    expect([code, stderr]).toEqual([1, expect.stringContaining('ERR_HTTP_TRAILER_INVALID')]);
  });

  test('the gateway passes the answer on without it', async () => {
    const tool = await saying(answer);
    const received = await through(gateway, tool, ({ ask }) => ask(get('/a')));
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
    expect(received.toLowerCase()).not.toContain('trailer:');
  });
});

describe('a client that resets its connection after its upgrade was refused', () => {
  const refusal = 'HTTP/1.1 404 Not Found\r\nContent-Length: 20\r\n\r\nno';
  const resetAfterRefusal = async ({ connect }: Subject) => {
    const client = (await connect()).write(handshake);
    await client.until('\r\n\r\nno');
    client.reset();
  };

  test(`${original} dies`, async () => {
    const tool = await saying(refusal);
    const { code, stderr } = await through(original, tool, async (subject) => {
      await resetAfterRefusal(subject);
      return subject.died;
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('ECONNRESET')]);
  });

  test.each([successor, gateway] as const)('%s serves on', async (who) => {
    const tool = await saying(refusal);
    const next = await through(who, tool, async (subject) => {
      await resetAfterRefusal(subject);
      return (await subject.connect()).write(get('/a')).until('\r\n\r\nno');
    });
    expect(status(next)).toBe(404);
  });
});

describe('a header set on requests that wait for a connection of a keep-alive agent', () => {
  const wiring = { agent: { keepAlive: true, maxSockets: 1 }, setHeader: true };
  const post = 'POST /a HTTP/1.1\r\nHost: tools.example\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

  test.each(libraries)('%s dies', async (library) => {
    const tool = await recordingUpstream();
    const { code, stderr } = await through(
      library,
      tool,
      async ({ connect, died }) => {
        for (const client of await Promise.all([connect(), connect(), connect()])) client.write(post);
        return died;
      },
      wiring,
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('ERR_HTTP_HEADERS_SENT')]);
  });

  test('the gateway sets its fields on every request, over new and kept connections', async () => {
    const tool = await recordingUpstream();
    const connections = new Set<unknown>();
    tool.server.on('connection', (socket) => connections.add(socket));
    const answers = await through(gateway, tool, async ({ ask }) => {
      const many = () => Promise.all(Array.from({ length: 8 }, () => ask(post)));
      return [...(await many()), ...(await many())];
    });
    expect(answers.map(status)).toEqual(answers.map(() => 200));
    expect(tool.requests.map(({ headers }) => headers['x-forwarded-proto'])).toEqual(answers.map(() => 'https'));
    expect(connections.size).toBeLessThan(answers.length);
  });
});

describe('an answer that breaks off after its head, told to the error handler of the README', () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
  const garbage = 'this is no chunk\r\n';

  test.each(libraries)('%s dies of writing behind the end', async (library) => {
    const tool = await saying(head + garbage);
    const { code, stderr } = await through(library, tool, (subject) => deadlyRequest(subject, get('/a')));
    expect([code, stderr]).toEqual([1, expect.stringContaining('ERR_STREAM_WRITE_AFTER_END')]);
  });

  test('the gateway breaks the connection off, without an end that would make the answer look whole', async () => {
    const tool = await saying(head + garbage);
    const answer = await through(gateway, tool, ({ ask }) => ask(get('/a')));
    expect(answer).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(answer).not.toContain('Something');
  });

  describe('when the client has seen a part of it', () => {
    let tool: Upstream;
    let goOn: () => void;
    beforeEach(async () => {
      tool = await rawUpstream((socket) => {
        goOn = () => socket.write(garbage);
        void readUntil(socket).then(() => socket.write(head));
      });
    });

    test.each(libraries)('%s dies of a second head', async (library) => {
      const { code, stderr } = await through(library, tool, async ({ connect, died }) => {
        const client = (await connect()).write(get('/a'));
        await client.until('hello');
        goOn();
        return died;
      });
      expect([code, stderr]).toEqual([1, expect.stringContaining('ERR_HTTP_HEADERS_SENT')]);
    });

    test('the gateway breaks the connection off', async () => {
      const answer = await through(gateway, tool, async ({ connect }) => {
        const client = (await connect()).write(get('/a'));
        await client.until('hello');
        goOn();
        return client.end();
      });
      expect(answer).toMatch(/\r\n\r\n5\r\nhello\r\n$/);
    });
  });
});

describe('util._extend, which Node deprecates', () => {
  test(`${original} calls it for every request`, async () => {
    const tool = await recordingUpstream();
    const preload = path.join(__dirname, '../../support/no-util-extend.cjs');
    const { code, stderr } = await through(original, tool, (subject) => deadlyRequest(subject, get('/a')), { preload });
    expect([code, stderr]).toEqual([1, expect.stringContaining('util._extend was called')]);
  });

  test(`${successor} does not`, async () => {
    const tool = await recordingUpstream();
    const preload = path.join(__dirname, '../../support/no-util-extend.cjs');
    const answer = await through(successor, tool, ({ ask }) => ask(get('/a')), { preload });
    expect(status(answer)).toBe(200);
  });

  test('the gateway does not', async () => {
    const extend = jest.spyOn(util as unknown as { _extend(): unknown }, '_extend');
    const tool = await recordingUpstream();
    const answer = await through(gateway, tool, ({ ask }) => ask(get('/a')));
    expect(status(answer)).toBe(200);
    expect(extend).not.toHaveBeenCalled();
    extend.mockRestore();
  });
});
