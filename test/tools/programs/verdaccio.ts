import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/gateway';
import { startProgram } from '../../support/program';
import { answering, installed, type Tool } from '../tool';

const version = '6.8.0';

export const verdaccio: Tool = {
  name: 'verdaccio',
  version: () => version,
  missing: () => null,
  what: 'finds a package, reads its page and versions, logs in, opens its address anew',
  ports: 1,
  start: async (port = 0) => {
    const folder = temporaryFolder();
    const config = path.join(folder, 'config.yaml');
    writeFileSync(
      config,
      JSON.stringify({
        storage: `${folder}/storage`,
        auth: { htpasswd: { file: `${folder}/htpasswd` } },
        packages: { '**': { access: '$all', publish: '$anonymous' } },
        log: { type: 'stdout', format: 'pretty', level: 'warn' },
      }),
    );
    const program = await startProgram(
      process.execPath,
      ['node_modules/verdaccio/bin/verdaccio', '-c', config, '-l', `127.0.0.1:${port}`],
      { cwd: installed('verdaccio', { verdaccio: version }, { 'node-fetch': '2.7.0' }) },
    );
    const origin = `http://127.0.0.1:${port}`;
    await answering(`${origin}/-/ping`, program);
    await publish(origin);
    await fetch(`${origin}/-/user/org.couchdb.user:ann`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'ann', password: 'a-long-secret' }),
    });
    return { origin, stop: () => program.stop() };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    await page.getByText('small-thing').first().click();
    await page.getByText('What it is for').waitFor();
    await shot('package', 'time');
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText('1.0.0').first().waitFor();
    await page.reload();
    await page.getByText('1.0.0').first().waitFor();
    await page.goBack();
    await page.getByText('small-thing').first().waitFor();
    await page.getByTestId('header--button-login').click();
    await page.locator('#login--dialog-username').fill('ann');
    await page.locator('#login--dialog-password').fill('a-long-secret');
    await page.getByTestId('login-form-submit-button').or(page.locator('#login--dialog-button-submit')).first().click();
    await page.locator('#header--button-account').waitFor();
    await open('/');
    await page.getByText('small-thing').first().waitFor();
    await shot('logged-in', 'time');
  },
};

/** As `npm publish` does (npm's registry API). */
async function publish(origin: string): Promise<void> {
  const name = 'small-thing';
  const version = {
    name,
    version: '1.0.0',
    description: 'A small thing',
    readme: '# What it is for\n\nNothing.',
    dist: {},
  };
  const attachment = { content_type: 'application/octet-stream', data: Buffer.from('x').toString('base64'), length: 1 };
  const { status } = await fetch(`${origin}/${name}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      _id: name,
      name,
      readme: version.readme,
      'dist-tags': { latest: '1.0.0' },
      versions: {
        '1.0.0': {
          ...version,
          dist: {
            shasum: createHash('sha1').update('x').digest('hex'),
            tarball: `${origin}/${name}/-/${name}-1.0.0.tgz`,
          },
        },
      },
      _attachments: { [`${name}-1.0.0.tgz`]: attachment },
    }),
  });
  if (status !== 201) throw new Error(`verdaccio did not take the package: ${status}`);
}
