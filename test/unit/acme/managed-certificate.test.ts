import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ManagedCertificate, type ServedPair } from '../../../src/acme/managed-certificate';
import { storagePlaces, type StoragePlaces } from '../../../src/acme/storage';
import { formatStored } from '../../../src/acme/stored-certificate';
import type { AcmeConfig } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { createLog } from '../../../src/observe/log';
import { makeAuthority, type IssuedPair } from '../../support/authority';
import { refusingPort } from '../../support/free-ports';
import { temporaryFolder } from '../../support/gateway';

let issued: IssuedPair;
let managed: ManagedCertificate;
beforeAll(async () => (issued = await (await makeAuthority('Authority')).server('tools.example.test')));
afterEach(() => managed.stop());

/** A storage, whose authority cannot be reached. */
async function scene() {
  const directory = `https://127.0.0.1:${await refusingPort()}/dir`;
  const storage = temporaryFolder();
  const acme = { domains: ['tools.example.test'], termsOfServiceAgreed: true, directory, storage, retry: '6h' };
  const config = resolveConfig({ listen: { https: { acme } }, mounts: [{ path: '/t', target: 'http://127.0.0.1:9' }] });
  const settings = config.listen.https?.acme as AcmeConfig;
  const told: string[] = [];
  const served: ServedPair[] = [];
  let wake: () => void = () => undefined;
  const write = (line: string) => {
    told.push((JSON.parse(line) as { msg: string }).msg);
    wake();
  };
  const log = createLog({ ...config.log, level: 'info', format: 'json' }, { write });
  return {
    places: storagePlaces(settings),
    storage,
    told,
    served,
    open: async (before: ServedPair | null = null) => {
      managed = await ManagedCertificate.open(settings, { log, serve: (pair) => void served.push(pair), before });
    },
    /** Wakes it until it has said so since the last time. */
    says: async (text: string) => {
      while (!told.some((message) => message.includes(text))) {
        const next = new Promise<void>((resolve) => (wake = resolve));
        await managed.retryNow();
        await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
      return told.splice(0);
    },
  };
}

test('a storage that fails again, after it was well, is told of again', async () => {
  const { open, says, places } = await scene();
  await open();
  managed.start();
  const folder = path.dirname(places.certificate);
  for (let time = 0; time < 2; time++) {
    await says('cannot be reached');
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, 'a file');
    await says('cannot be used; let the gateway read and write there');
    renameSync(folder, `${folder}.${time}`);
    renameSync(`${folder}.away`, folder);
  }
});

describe('what cannot be read is not what is of no use', () => {
  /** Reading it fails with EIO, for root as well. */
  const unreadable = (file: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    symlinkSync('/proc/self/mem', file);
  };

  test.each<[string, (places: StoragePlaces) => string]>([
    ['the certificate', ({ certificate }) => certificate],
    ['the last failure', ({ failure }) => failure],
    ['the key of the account', ({ account }) => account],
    ['whose turn it is', ({ lock }) => path.join(lock, '7')],
  ])('%s: told once, nothing is ordered nor noted as a failure, and it is looked at again', async (_, fileIn) => {
    const { open, says, places, told, served } = await scene();
    const file = fileIn(places);
    mkdirSync(path.dirname(places.certificate), { recursive: true });
    unreadable(file);
    await open();
    managed.start();
    const said = await says(
      'cannot be used; let the gateway read and write there. No certificate is ordered until then',
    );
    for (let i = 0; i < 20; i++) {
      await managed.retryNow();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const all = [...said, ...told.splice(0)];
    expect(all.filter((message) => message.includes('cannot be used'))).toHaveLength(1);
    expect(all.filter((message) => /Ordering|What helps|left out/.test(message))).toEqual([]);
    const notes = readdirSync(path.dirname(places.certificate)).filter((name) => name.endsWith('.failed.json'));
    expect(notes).toEqual(file === places.failure ? [path.basename(file)] : []);

    rmSync(file);
    if (file === places.certificate) {
      writeFileSync(file, formatStored(issued.key, issued.cert));
      await says('Serving the certificate for tools.example.test');
      expect(served.map(({ cert }) => cert)).toEqual([issued.cert.trim() + '\n']);
    } else await says('cannot be reached');
  });

  test('content that is of no use is, and another is ordered', async () => {
    const { open, says, places } = await scene();
    mkdirSync(path.dirname(places.certificate), { recursive: true });
    writeFileSync(places.certificate, 'nothing');
    await open();
    managed.start();
    const said = await says('cannot be reached');
    expect(said.filter((message) => message.includes('is left out'))).toHaveLength(1);
  });
});

describe('in the place of another process', () => {
  test('what that one served is served, though the storage cannot be used; nothing is ordered for it', async () => {
    const { open, says, storage, told } = await scene();
    rmSync(storage, { recursive: true });
    writeFileSync(storage, 'a file');
    await open(issued);
    expect(managed.pair.cert.trim()).toBe(issued.cert.trim());
    managed.start();
    await says('cannot be used; let the gateway read and write there');
    expect(told.filter((message) => message.includes('Ordering'))).toEqual([]);
    rmSync(storage);
    await managed.stop();
  });

  test('a stand-in stays one: a certificate is ordered', async () => {
    const { open, says } = await scene();
    await open();
    const { pair } = managed;
    await managed.stop();
    await open(pair);
    expect(managed.pair).toEqual({ cert: pair.cert, key: pair.key });
    managed.start();
    await says('cannot be reached');
  });
});
