import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import fc from 'fast-check';
import { isAcmeTls } from '../../../src/listener/acme-tls';
import { firstRecord, offeredProtocols } from '../../../src/listener/client-hello';

/** What Node's own TLS client sends first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [import('node:net').Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

test.each<[string, ConnectionOptions, string[]]>([
  ['one', { ALPNProtocols: ['acme-tls/1'] }, ['acme-tls/1']],
  ['several', { ALPNProtocols: ['h2', 'http/1.1'], servername: 'a.example.com' }, ['h2', 'http/1.1']],
  ['none', {}, []],
  ['one in TLS 1.2', { ALPNProtocols: ['acme-tls/1'], maxVersion: 'TLSv1.2' }, ['acme-tls/1']],
])('offered protocols are read from a real hello: %s', async (_, options, expected) => {
  const record = firstRecord(await helloOf(options));
  expect(offeredProtocols(record!)).toEqual(expected);
});

test('a record is whole or not there yet; one that is too long is nothing', async () => {
  const hello = await helloOf({ ALPNProtocols: ['acme-tls/1'] });
  for (let length = 0; length < hello.length; length += 1) expect(firstRecord(hello.subarray(0, length))).toBeNull();
  expect(firstRecord(Buffer.concat([hello, Buffer.from('more')]))).toEqual(firstRecord(hello));
  expect(firstRecord(Buffer.from([0x16, 3, 1, 0xff, 0xff, 1]))).toEqual(Buffer.alloc(0));
});

test('only a hello that offers acme-tls/1 alone is an authority’s', async () => {
  const of = async (options: ConnectionOptions) => isAcmeTls(firstRecord(await helloOf(options))!);
  expect(await of({ ALPNProtocols: ['acme-tls/1'] })).toBe(true);
  expect(await of({ ALPNProtocols: ['acme-tls/1', 'http/1.1'] })).toBe(false);
  expect(await of({ ALPNProtocols: ['acme-tls/10'] })).toBe(false);
  expect(isAcmeTls(Buffer.from('acme-tls/1'))).toBe(false);
});

test('nothing that arrives makes it fail', async () => {
  const record = firstRecord(await helloOf({ ALPNProtocols: ['acme-tls/1'] }))!;
  fc.assert(
    fc.property(fc.nat(record.length - 1), fc.nat(255), fc.nat(record.length), (at, byte, length) => {
      const bent = Buffer.from(record);
      bent[at] = byte;
      expect(Array.isArray(offeredProtocols(bent.subarray(0, length)))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => Array.isArray(offeredProtocols(Buffer.from(bytes)))),
  );
});
