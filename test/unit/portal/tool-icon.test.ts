import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileContents } from '../../../src/config/file-contents';
import { hueOf, monogram, toolIcon } from '../../../src/portal/tool-icon';
import { mountNamed } from './fixtures';

const icon = (name: string, more = {}) => {
  const mount = mountNamed(name, '/x', more);
  return toolIcon(mount, readFileContents({ mounts: [mount] }));
};

test.each([
  ['Billing', 'Bi'],
  ['Billing Tool', 'BT'],
  ['billing-tool v2', 'BT'],
  ['x', 'X'],
  ['Ökonomie', 'Ök'],
  ['***', '*'],
])('makes the monogram of %p: %p', (name, expected) => {
  expect(monogram(name)).toBe(expected);
});

test('gives a name the same hue every time, and one that the style sheet has', () => {
  expect(hueOf('Billing')).toBe(hueOf('Billing'));
  const hues = new Set(Array.from({ length: 200 }, (_, i) => hueOf(`Tool ${i}`)));
  expect(Math.min(...hues)).toBe(0);
  expect(Math.max(...hues)).toBe(11);
});

test.each([
  ['Prometheus', 'metrics'],
  ['Alertmanager', 'bell'],
  ['Schema Registry', 'schema'],
  ['Kafka Connect', 'connect'],
  ['AKHQ', 'topics'],
])('draws for %s the glyph %s', (name, glyph) => {
  expect(icon(name)).toMatchObject({ kind: 'glyph', glyph });
});

test('knows kPow by its kind, whatever it is named', () => {
  expect(icon('Clusters', { kind: 'kpow' })).toMatchObject({ kind: 'glyph', glyph: 'streams' });
});

test('takes a character or two as they are, whole', () => {
  expect(icon('Runbooks', { icon: '👩‍🚒' })).toMatchObject({ kind: 'text', text: '👩‍🚒' });
  expect(icon('Runbooks', { icon: 'R2D2' })).toMatchObject({ kind: 'text', text: 'R2' });
});

test('falls back to a monogram where nothing tells what the tool is', () => {
  expect(icon('Billing')).toMatchObject({ kind: 'text', text: 'Bi' });
});

describe('an icon file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'icon-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is served under a path that changes with its content and does not show its name', () => {
    const file = join(folder, 'private-name.svg');
    writeFileSync(file, '<svg/>');
    const first = icon('Tool', { icon: file });
    writeFileSync(file, '<svg />');
    const second = icon('Tool', { icon: file });
    if (first.kind !== 'image' || second.kind !== 'image') throw new Error('not an image');
    expect(first.path).toMatch(/^\/-\/icons\/[0-9a-f]{12}\.svg$/);
    expect(second.path).not.toBe(first.path);
    expect(first.asset.type).toBe('image/svg+xml');
  });

  test('that is missing leaves the tool its glyph', () => {
    expect(icon('Prometheus', { icon: join(folder, 'missing.png') })).toMatchObject({ kind: 'glyph' });
  });
});
