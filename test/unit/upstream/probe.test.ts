import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { generate } from 'selfsigned';
import { diagnose } from '../../../src/upstream/diagnosis';
import { probe } from '../../../src/upstream/probe';
import { refusingPort } from '../../support/free-ports';
import { answering, closeTools, event, listen, mountAt, raw, tool } from './tool';

afterEach(closeTools);

const probePort = (port: number, more?: Parameters<typeof mountAt>[1]) => probe(mountAt(port, more), {});

describe('a probe', () => {
  it('asks the health path itself, with the target’s own name and its own user agent', async () => {
    const seen: unknown[] = [];
    const port = await tool((request, response) => {
      seen.push([request.method, request.url, request.headers.host, request.headers['user-agent']]);
      response.end();
    });
    await probePort(port, { health: { path: '/-/ready?full=1' }, target: { path: '/base', authority: 'tool.test' } });
    expect(seen).toEqual([['GET', '/-/ready?full=1', 'tool.test', 'kpow-gateway-health']]);
  });

  it.each([200, 204, 302, 401, 404, 500, 503])('reports an answer of %i as it is', async (status) => {
    const result = await probePort(await answering(status));
    expect(result).toEqual({ outcome: 'answered', status, latency: expect.any(Number), kpowError: false });
  });

  it('does not follow a redirect', async () => {
    let requests = 0;
    const port = await tool((_, response) => {
      requests += 1;
      response.writeHead(302, { location: '/login' }).end();
    });
    await expect(probePort(port)).resolves.toMatchObject({ status: 302 });
    expect(requests).toBe(1);
  });

  it('accepts an HTTP/1.0 answer whose body ends with the connection', async () => {
    const port = await raw((socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nhealthy')));
    await expect(probePort(port)).resolves.toMatchObject({ outcome: 'answered', status: 200 });
  });

  it('reads no more than 64 KB of an endless body', async () => {
    const port = await tool((_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(16 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    await expect(probePort(port)).resolves.toMatchObject({ outcome: 'answered', status: 200 });
  });

  it('reports a port on which nothing listens as refused', async () => {
    await expect(probePort(await refusingPort())).resolves.toMatchObject({ reason: 'refused', code: 'ECONNREFUSED' });
  });

  it('reports a name that does not exist as an unknown host', async () => {
    const target = { hostname: 'tool.invalid', authority: 'tool.invalid' };
    await expect(probePort(80, { target, health: { timeout: 15_000 } })).resolves.toMatchObject({
      reason: 'unknown-host',
    });
  });

  it.each([
    ['never answers', 'answer', () => undefined],
    [
      'stops in the middle of its body',
      'body',
      (socket: net.Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhea'),
    ],
    ['drips its head', 'answer', (socket: net.Socket) => socket.write('HTTP/1.1 200 OK\r\nX-Slow: ')],
  ])('reports a tool that %s as timed out', async (_, phase, behaviour) => {
    const port = await raw(behaviour);
    await expect(probePort(port, { health: { timeout: 50 } })).resolves.toMatchObject({ reason: 'timeout', phase });
  });

  it.each([
    ['hangs up', (socket: net.Socket) => socket.end()],
    ['resets the connection', (socket: net.Socket) => socket.resetAndDestroy()],
    ['hangs up in its body', (socket: net.Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhea')],
    ['speaks another protocol', (socket: net.Socket) => socket.write('220 mail.example ESMTP\r\n')],
    ['sends an endless head', (socket: net.Socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1e5)}`)],
    [
      'switches protocols unasked',
      (socket: net.Socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ],
  ])('reports a tool that %s as closed', async (_, behaviour) => {
    const port = await raw((socket) => socket.once('data', () => behaviour(socket)));
    await expect(probePort(port)).resolves.toMatchObject({ outcome: 'failed', reason: 'closed' });
  });

  it('takes the same length twice for one, as requests do', async () => {
    const port = await raw((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok')),
    );
    await expect(probePort(port)).resolves.toMatchObject({ outcome: 'answered', status: 200 });
  });

  it('reports a tool that does not say clearly where its answer ends as one that does not', async () => {
    const twice = 'Transfer-Encoding: chunked\r\n'.repeat(2);
    const port = await raw((socket) =>
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${twice}\r\n0\r\n\r\n`)),
    );
    const result = await probePort(port);
    expect(result).toMatchObject({ outcome: 'failed', code: 'ERR_HTTP_INVALID_FRAMING' });
    expect(diagnose(result, { timeout: 1_000 }).detail).toBe('does not say clearly where its answer ends');
  });

  it('resolves, instead of throwing, when a path cannot be sent', async () => {
    await expect(probePort(await answering(200), { health: { path: '/a b' } })).resolves.toMatchObject({
      reason: 'closed',
      code: 'ERR_UNESCAPED_CHARACTERS',
    });
  });

  it('ends at once when it is aborted', async () => {
    const abort = new AbortController();
    const port = await raw(() => abort.abort());
    await expect(probe(mountAt(port), {}, abort.signal)).resolves.toMatchObject({ reason: 'closed' });
    await expect(probe(mountAt(port), {}, abort.signal)).resolves.toMatchObject({ reason: 'closed' });
  });

  it.each([
    ['answers', () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['is silent', () => ''],
    ['sends garbage', () => 'garbage\r\n'],
  ])('leaves no connection to a tool that %s', async (_, answer) => {
    const closed = event();
    const port = await raw((socket) => {
      socket.on('close', () => closed.happens());
      socket.once('data', () => socket.write(answer()));
    });
    await probePort(port, { health: { timeout: 50 } });
    await closed.happened;
  });
});

describe('a probe over TLS', () => {
  const secure = { protocol: 'https:', hostname: 'localhost', authority: 'localhost' } as const;
  let pem: { private: string; cert: string };
  let port: number;

  beforeAll(async () => {
    pem = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048, algorithm: 'sha256' });
  });
  beforeEach(async () => {
    port = await listen(https.createServer({ key: pem.private, cert: pem.cert }, (_, response) => response.end('ok')));
  });

  it('reports a certificate of an unknown authority as tls', async () => {
    await expect(probePort(port, { target: secure })).resolves.toMatchObject({
      reason: 'tls',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('accepts it with that authority, or with verification off', async () => {
    const mount = mountAt(port, { target: secure });
    await expect(probe(mount, { ca: pem.cert })).resolves.toMatchObject({ status: 200 });
    await expect(probe(mount, { rejectUnauthorized: false })).resolves.toMatchObject({ status: 200 });
  });

  it('reports a certificate for another name as tls', async () => {
    const mount = mountAt(port, { target: { ...secure, authority: 'other.test' } });
    await expect(probe(mount, { ca: pem.cert })).resolves.toMatchObject({
      reason: 'tls',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('reports a tool that speaks plain HTTP as tls', async () => {
    const plain = await answering(200);
    await expect(probePort(plain, { target: secure })).resolves.toMatchObject({ reason: 'tls' });
  });

  it('reports a tool that hangs in the handshake as timed out there', async () => {
    const mute = await raw(() => undefined);
    await expect(probePort(mute, { target: secure, health: { timeout: 50 } })).resolves.toMatchObject({
      reason: 'timeout',
      phase: 'tls',
    });
  });

  it('notices TLS where plain HTTP was expected', async () => {
    const garbled = await raw((socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 1, 0, 2, 2, 70]))));
    await expect(probePort(garbled)).resolves.toMatchObject({ reason: 'closed', code: 'SPEAKS_TLS' });
  });

  it('resolves, instead of throwing, when key and certificate do not belong together', async () => {
    const other = await generate([{ name: 'commonName', value: 'other' }], { keySize: 2048, algorithm: 'sha256' });
    const mount = mountAt(port, { target: secure });
    await expect(probe(mount, { cert: pem.cert, key: other.private })).resolves.toMatchObject({ reason: 'tls' });
  });
});

describe('a probe of kPow', () => {
  it('tells its ERROR state: /healthy says 503, /up answers', async () => {
    const port = await answering((path) => (path === '/up' ? 200 : 503));
    await expect(probePort(port, { kind: 'kpow' })).resolves.toMatchObject({ status: 503, kpowError: true });
  });

  it('does not take a load balancer’s 503 for it', async () => {
    await expect(probePort(await answering(503), { kind: 'kpow' })).resolves.toMatchObject({ kpowError: false });
  });

  it('does not take a kPow that no longer answers for it', async () => {
    const server = http.createServer((request, response) => {
      if (request.url === '/up') request.socket.destroy();
      else response.writeHead(503).end();
    });
    const port = await listen(server);
    await expect(probePort(port, { kind: 'kpow' })).resolves.toMatchObject({ status: 503, kpowError: false });
  });

  it('asks no other tool for /up', async () => {
    const paths: unknown[] = [];
    const port = await tool((request, response) => {
      paths.push(request.url);
      response.writeHead(503).end();
    });
    await probePort(port);
    expect(paths).toEqual(['/healthy']);
  });

  it('asks for /up beside a health path that is not at the root', async () => {
    const paths: unknown[] = [];
    const server = http.createServer((request, response) => {
      paths.push(request.url);
      response.writeHead(503).end();
    });
    const port = await listen(server);
    const done = once(server, 'request');
    await probePort(port, { kind: 'kpow', health: { path: '/base/healthy?a' } });
    await done;
    expect(paths).toEqual(['/base/healthy?a', '/base/up']);
  });
});
