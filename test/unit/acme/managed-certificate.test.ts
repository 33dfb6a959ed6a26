import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ManagedCertificate } from '../../../src/acme/managed-certificate';
import type { AcmeConfig } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { createLog } from '../../../src/observe/log';
import { refusingPort } from '../../support/free-ports';
import { temporaryFolder } from '../../support/gateway';

test('a storage that fails again, after it was well, is told of again', async () => {
  const storage = temporaryFolder();
  const directory = `https://127.0.0.1:${await refusingPort()}/dir`;
  const acme = { domains: ['tools.example.test'], termsOfServiceAgreed: true, directory, storage, retry: '6h' };
  const config = resolveConfig({ listen: { https: { acme } }, mounts: [{ path: '/t', target: 'http://127.0.0.1:9' }] });

  let told: string[] = [];
  let wake: () => void = () => undefined;
  const write = (line: string) => {
    told.push((JSON.parse(line) as { msg: string }).msg);
    wake();
  };
  const log = createLog({ ...config.log, level: 'info', format: 'json' }, { write });
  const managed = await ManagedCertificate.open(config.listen.https?.acme as AcmeConfig, {
    log,
    serve: () => undefined,
    before: null,
  });
  /** Wakes it until it has said so since the last time. */
  const says = async (text: string) => {
    while (!told.some((message) => message.includes(text))) {
      const next = new Promise<void>((resolve) => (wake = resolve));
      await managed.retryNow();
      await next;
    }
    told = [];
  };

  managed.start();
  const folder = path.join(storage, 'certificates');
  for (let time = 0; time < 2; time++) {
    await says('cannot be reached');
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, 'a file');
    await says('cannot be used; let the gateway read and write there');
    renameSync(folder, `${folder}.${time}`);
    renameSync(`${folder}.away`, folder);
  }
  await managed.stop();
});
