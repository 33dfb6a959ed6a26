import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import { assets } from '../../../src/portal/assets';
import { createPortal } from '../../../src/portal/portal';
import { createPortalRouter } from '../../../src/portal/router';
import type { MountConfig } from '../../../src/config/config';
import { FakeBoard, mountNamed, statusOf } from './fixtures';

const kpow = mountNamed('kPow', '/kpow', { kind: 'kpow' });

function serve(...mounts: MountConfig[]) {
  const board = new FakeBoard();
  for (const mount of mounts) board.set(mount, statusOf('healthy'));
  const portal = createPortal({ mounts, portal: { title: 'Tools' } }, board);
  const app = express();
  app.use(createPortalRouter(() => portal));
  app.use((_, response) => void response.status(404).send('next'));
  return { app, portal };
}

describe('the page', () => {
  test('is at the root, and not kept by caches', async () => {
    const response = await request(serve(kpow).app).get('/').expect(200);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['vary']).toContain('Accept');
    expect(response.text).toContain('kPow');
  });

  test('leaves the root to a tool that is mounted there', async () => {
    const { app } = serve(mountNamed('Only', '/'));
    expect((await request(app).get('/').expect(404)).text).toBe('next');
    expect((await request(app).get('/-/portal').expect(200)).text).toContain('Only');
  });

  test('is JSON for programs that ask for it, without a target', async () => {
    const response = await request(serve(kpow).app).get('/').set('Accept', 'application/json').expect(200);
    expect(response.body).toMatchObject({
      title: 'Tools',
      summary: { headline: 'The tool is well', troubled: 0 },
      tools: [{ name: 'kPow', path: '/kpow', href: '/kpow/', state: 'healthy', latency: 12 }],
    });
    expect(response.text).not.toMatch(/secret|4711/);
  });

  test('answers HEAD without a body and leaves other methods alone', async () => {
    const { app } = serve(kpow);
    expect((await request(app).head('/').expect(200)).text).toBeUndefined();
    expect((await request(app).post('/').expect(404)).text).toBe('next');
  });
});

describe('assets', () => {
  const byEnding = {
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.svg': 'image/svg+xml',
  };

  test.each([...assets.keys()])('%s is served with its type, for ever', async (path) => {
    const ending = /\.[a-z]+$/.exec(path)![0] as keyof typeof byEnding;
    const response = await request(serve(kpow).app).get(path).expect(200);
    expect(response.headers['content-type']).toContain(byEnding[ending]);
    expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(response.headers['x-content-type-options']).toBe('nosniff');
    expect(response.headers['content-length']).toBe(String(assets.get(path)!.body.length));
  });

  test.each(['/-/assets/portal.css', '/-/assets/..%2fpage.ts', '/-/assets/', '/-/icons/0.svg'])(
    '%s is not there',
    async (path) => {
      expect((await request(serve(kpow).app).get(path).expect(404)).text).toBe('next');
    },
  );
});

test('an icon file is served so that nothing in it runs when it is opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'icon-'));
  try {
    const file = join(folder, 'a.svg');
    writeFileSync(file, '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const { app, portal } = serve({ ...kpow, icon: file });
    const [path] = portal.icons.keys();
    const response = await request(app).get(path!).expect(200);
    expect(response.headers['content-type']).toContain('image/svg+xml');
    expect(response.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
    expect((await request(app).get('/')).text).toContain(`src="${path}"`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
