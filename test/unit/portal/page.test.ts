import { assets } from '../../../src/portal/assets';
import { renderPortal } from '../../../src/portal/page';
import { createPortal } from '../../../src/portal/portal';
import type { MountConfig } from '../../../src/config/config';
import { kpowErrorAdvice, kpowErrorDetail } from '../../../src/upstream/kpow-advice';
import type { MountStatus } from '../../../src/upstream/status';
import { FakeBoard, mountNamed, statusOf } from './fixtures';

const kpow = mountNamed('kPow', '/kpow', { kind: 'kpow', description: 'Kafka clusters' });

function page(rows: readonly (readonly [MountConfig, MountStatus])[], title = 'Tools'): string {
  const board = new FakeBoard();
  for (const [mount, status] of rows) board.set(mount, status);
  return renderPortal(createPortal({ mounts: rows.map(([mount]) => mount), portal: { title } }, board).view());
}

const rowsOf = (text: string): string[] => text.split('<li class="tool"').slice(1);

describe('the portal page', () => {
  test('shows name, description, link, state, last change and latency of each tool', () => {
    const [row] = rowsOf(page([[kpow, statusOf('healthy')]]));
    expect(row).toContain('<a href="/kpow/" aria-describedby="state-of-0">kPow</a>');
    expect(row).toContain('Kafka clusters');
    expect(row).toContain('href="#state-healthy"');
    expect(row).toContain('<span data-part="word">Well</span>');
    expect(row).toContain('datetime="2024-05-03T14:03:00.000Z">3 May, 14:03 UTC</time>');
    expect(row).toContain('12 ms');
  });

  test('names several targets by their numbers, with their states, and says which is in use', () => {
    const board = new FakeBoard().set(kpow, statusOf('healthy'));
    const since = new Date();
    board.targets.set(kpow.path, [
      { number: 1, status: statusOf('unreachable'), outSince: null, active: false },
      { number: 2, status: statusOf('healthy'), outSince: null, active: true },
      { number: 3, status: statusOf('healthy'), outSince: null, active: false },
      { number: 4, status: statusOf('unchecked'), outSince: since, active: false },
    ]);
    const text = renderPortal(createPortal({ mounts: [kpow], portal: { title: 'Tools' } }, board).view());
    const items = text.match(/<ul class="targets"[^]*?<\/ul>/)?.[0].match(/data-state="\w+"|<span>[^<]*/g);
    expect(items?.join(' ').replaceAll('<span>', '')).toBe(
      'data-state="unreachable" Target 1: No answer data-state="healthy" Target 2: Well, in use ' +
        'data-state="healthy" Target 3: Well, standing by data-state="unreachable" Target 4: No connection',
    );
    expect(text).toContain('The tool is well');
  });

  test('says nothing of targets where there is one', () => {
    expect(page([[kpow, statusOf('healthy')]])).toContain('data-part="targets" aria-label="Targets" hidden');
  });

  test('links to the root for a tool at the root', () => {
    expect(page([[mountNamed('Only', '/'), statusOf('healthy')]])).toContain('<a href="/" ');
  });

  test.each([
    ['healthy', 'Well'],
    ['unhealthy', 'Not well'],
    ['unreachable', 'No answer'],
    ['unknown', 'Checking'],
    ['unchecked', 'Not checked'],
  ] as const)('tells the state %s by a shape and the words “%s”', (state, word) => {
    const text = page([[kpow, statusOf(state)]]);
    expect(text).toContain(`<symbol id="state-${state}"`);
    const [row] = rowsOf(text);
    expect(row).toContain(`href="#state-${state}"`);
    expect(row).toContain(`<span data-part="word">${word}</span>`);
  });

  test('says what the ERROR state of kPow is and what helps', () => {
    const status = statusOf('unhealthy', {
      reason: 'kpow-error-state',
      detail: kpowErrorDetail,
      advice: kpowErrorAdvice,
    });
    const [row] = rowsOf(page([[kpow, status]]));
    expect(row).toContain('ERROR state</span>');
    expect(row).toContain(kpowErrorDetail);
    expect(row).toContain('Restart kPow');
    expect(row).toContain('<code>STREAMS_ERROR_STRATEGY=LOG_AND_EXIT</code>');
  });

  test('puts the name before a detail that follows it', () => {
    const grafana = mountNamed('Grafana', '/grafana');
    expect(page([[grafana, statusOf('unreachable', { detail: 'refuses the connection' })]])).toContain(
      'Grafana refuses the connection.',
    );
  });

  test('hides the place for trouble while there is none', () => {
    const [row] = rowsOf(page([[kpow, statusOf('healthy', { detail: 'is healthy' })]]));
    expect(row).toContain('<div class="trouble" data-part="trouble" hidden>');
    expect(row).not.toContain('is healthy');
  });

  test('escapes whatever stands in names, descriptions, paths, icons, details and advice', () => {
    const hostile = `<script>alert("1")</script>'"&`;
    const text = page(
      [
        [
          mountNamed(hostile, `/a"><script>`, { description: hostile, icon: '<"' }),
          statusOf('unhealthy', { detail: hostile, advice: [hostile, '`<b>`'] }),
        ],
      ],
      hostile,
    );
    expect(text).not.toContain('<script>');
    expect(text).not.toContain('<b>');
    expect(text).not.toContain('"1"');
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&quot;&amp;');
    expect(text).toContain('<code>&lt;b&gt;</code>');
  });

  test('has no inline script or style, and asks no other site for anything', () => {
    const text = page([[kpow, statusOf('unhealthy', { detail: 'is not well', advice: ['Restart it'] })]]);
    expect(text).not.toMatch(/\sstyle=|<style|\son[a-z]+=|javascript:|https?:\/\//i);
    const scripts = [...text.matchAll(/<script[^>]*>([^<]*)/g)];
    expect(scripts).toHaveLength(1);
    expect(scripts[0]?.[1]).toBe('');
    for (const [, path] of text.matchAll(/(?:src|href)="(\/-\/assets\/[^"]+)"/g)) expect(assets.has(path!)).toBe(true);
  });

  test('shows nothing of where a tool is', () => {
    expect(page([[kpow, statusOf('unreachable', { detail: 'refuses the connection' })]])).not.toMatch(/secret|4711/);
  });

  test('counts the tools in trouble in its title', () => {
    const rows = [[kpow, statusOf('unreachable')]] as const;
    expect(page(rows, 'Data tools')).toContain('<title>(1) Data tools</title>');
  });

  test('hides the filter until a script shows it', () => {
    const rows = [kpow, mountNamed('Other', '/other')].map((mount) => [mount, statusOf('healthy')] as const);
    expect(page(rows)).toMatch(/<form class="filter"[^>]* hidden>/);
  });

  test('shows hundreds of tools, tightly', () => {
    const rows = Array.from(
      { length: 400 },
      (_, i) => [mountNamed(`Tool ${i}`, `/t${i}`), statusOf('healthy')] as const,
    );
    const text = page(rows);
    expect(rowsOf(text)).toHaveLength(400);
    expect(text).toContain('class="tools tight"');
    expect(text).toContain('All 400 tools are well');
  });

  test('says what to do where no tool is mounted', () => {
    expect(page([])).toContain('<code>mounts</code>');
  });
});

describe('the revision', () => {
  const revision = (mounts: MountConfig[], title = 'Tools'): string =>
    createPortal({ mounts, portal: { title } }, new FakeBoard()).revision;

  test('is the same for what looks the same', () => {
    expect(revision([kpow])).toBe(revision([{ ...kpow, timeouts: { connect: 1, response: 1, idle: 1 } }]));
  });

  test.each([
    ['a tool more', [kpow, mountNamed('Other', '/other')]],
    ['another name', [{ ...kpow, name: 'Kpow' }]],
    ['another path', [{ ...kpow, path: '/kafka' }]],
    ['another icon', [{ ...kpow, icon: 'K' }]],
  ])('changes with %s', (_, mounts) => {
    expect(revision(mounts)).not.toBe(revision([kpow]));
  });
});
