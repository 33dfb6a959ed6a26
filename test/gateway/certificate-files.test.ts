import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeAuthority, type Authority, type IssuedPair } from '../support/authority';
import { says } from '../support/acme';
import { startGateway, temporaryFolder, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { connectTls } from '../support/tls-client';
import { recordingUpstream, type RecordingUpstream } from '../support/upstreams';

let tool: RecordingUpstream;
let authority: Authority;
let folder: string;
let files: { cert: string; key: string };
const open: TestGateway[] = [];

const at = (name: string) => path.join(folder, name);
const start = async (https: object) => {
  const gateway = await startGateway({
    mounts: [{ path: '/kpow', target: tool.url }],
    listen: { https },
  });
  open.push(gateway);
  return gateway;
};
const put = (pair: IssuedPair, to = files) => {
  writeFileSync(to.cert, pair.cert);
  writeFileSync(to.key, pair.key);
};
const served = async ({ httpsPort }: TestGateway, servername = 'localhost') => {
  const client = await connectTls(httpsPort, { servername });
  client.socket.destroy();
  return client.served;
};
const errors = ({ lines }: TestGateway) => lines.filter(({ level }) => level === 'error').map(({ msg }) => String(msg));

beforeAll(async () => {
  tool = await recordingUpstream();
  authority = await makeAuthority('Test authority');
});
beforeEach(async () => {
  folder = temporaryFolder();
  files = { cert: at('tls.crt'), key: at('tls.key') };
  put(await authority.server('first.example'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.stop()));
});
afterAll(() => tool.close());

test('a renewed pair is served without a reload, and who is connected stays', async () => {
  const gateway = await start(files);
  const client = await RawClient.connect(gateway.httpsPort);
  put(await authority.server('second.example'));
  await gateway.line(says('serving second.example until '));
  expect(await served(gateway)).toBe('second.example');
  client.write('GET /kpow/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(await client.end()).toMatch(/^HTTP\/1\.1 200 /);
});

test('a bad pair is reported once and the old one kept, until a good one is there', async () => {
  const gateway = await start(files);
  const [second, third] = await Promise.all([authority.server('second.example'), authority.server('third.example')]);

  // The certificate is there before its key, or instead of it.
  writeFileSync(files.cert, second.cert);
  await gateway.line(says('what was served before is served on'));
  expect(errors(gateway)).toEqual([
    expect.stringMatching(/^listen\.https\.key: .*tls\.key does not belong to the certificate in .*tls\.crt; /),
    'The changed certificate files were not taken; what was served before is served on',
  ]);
  expect(await served(gateway)).toBe('first.example');

  // Both are away for a moment.
  rmSync(files.cert);
  rmSync(files.key);
  await gateway.line(says(/^listen\.https\.cert: .* and its key do not exist any more/));
  expect(await served(gateway)).toBe('first.example');

  // Half of it is written.
  writeFileSync(files.cert, third.cert.slice(0, 200));
  writeFileSync(files.key, third.key);
  await gateway.line(says(/^listen\.https\.cert: .*tls\.crt is not a PEM certificate/));
  expect(await served(gateway)).toBe('first.example');
  expect(errors(gateway)).toHaveLength(6);

  put(third);
  await gateway.line(says('serving third.example until '));
  expect(await served(gateway)).toBe('third.example');
});

test('what is put back as it was is said to be good again', async () => {
  const gateway = await start(files);
  const cert = readFileSync(files.cert);
  writeFileSync(files.cert, 'nonsense');
  await gateway.line(says('what was served before is served on'));
  writeFileSync(files.cert, cert);
  await gateway.line(says('The files of listen.https are again as they are served'));
});

test('a folder that Kubernetes swaps is noticed, for certificates by name as well', async () => {
  const [first, second, other, next] = await Promise.all(
    ['first.example', 'second.example', 'other.example', 'next.other.example'].map((name) => authority.server(name)),
  );
  const version = (name: string, pair: IssuedPair, more: IssuedPair) => {
    mkdirSync(at(name));
    put(pair, { cert: at(`${name}/tls.crt`), key: at(`${name}/tls.key`) });
    put(more, { cert: at(`${name}/other.crt`), key: at(`${name}/other.key`) });
  };
  for (const name of ['tls.crt', 'tls.key']) rmSync(at(name));
  version('..v1', first!, other!);
  symlinkSync('..v1', at('..data'));
  for (const name of ['tls.crt', 'tls.key', 'other.crt', 'other.key']) symlinkSync(`..data/${name}`, at(name));
  const gateway = await start({ ...files, certificates: [{ cert: at('other.crt'), key: at('other.key') }] });
  expect([await served(gateway), await served(gateway, 'other.example')]).toEqual(['first.example', 'other.example']);

  version('..v2', second!, next!);
  symlinkSync('..v2', at('..data_tmp'));
  renameSync(at('..data_tmp'), at('..data'));
  rmSync(at('..v1'), { recursive: true });
  await gateway.line(says(/serving second\.example until \S+, next\.other\.example until /));
  expect(await served(gateway)).toBe('second.example');
  expect(await served(gateway, 'next.other.example')).toBe('next.other.example');
  expect(errors(gateway)).toEqual([]);
});

test('another authority of client certificates is taken, and the one before trusted no more', async () => {
  const other = await makeAuthority('Other clients');
  cpSync(authority.file, at('clients.crt'));
  const gateway = await start({ ...files, clientCa: at('clients.crt') });
  const ask = async (pair: IssuedPair) => {
    const { ask: send } = await connectTls(gateway.httpsPort, { cert: pair.cert, key: pair.key });
    return Number(/^HTTP\/1\.1 (\d+)/.exec(await send('/kpow/'))?.[1]);
  };
  const [ann, bob] = await Promise.all([authority.client('ann'), other.client('bob')]);
  expect([await ask(ann), await ask(bob)]).toEqual([200, 403]);
  cpSync(other.file, at('clients.crt'));
  await gateway.line(says('The files of listen.https have changed'));
  expect([await ask(ann), await ask(bob)]).toEqual([403, 200]);
});

test('a gateway that has stopped looks at them no more', async () => {
  const gateway = await start(files);
  await gateway.stop();
  put(await authority.server('second.example'));
  const after = gateway.lines.length;
  const later = await start(files);
  put(await authority.server('third.example'));
  await later.line(says('serving third.example until '));
  expect(gateway.lines.slice(after)).toEqual([]);
});
