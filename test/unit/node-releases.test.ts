import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeWarnings, recommendedLine } from '../../src/node-releases';

const today = new Date('2026-12-01');
const warningOf = (version: string, now = today) => nodeWarnings(version, now).join('\n');

test.each([
  ['18.20.8', 'out of support since 2025-04-30'],
  ['20.19.0', 'out of support since 2026-04-30'],
  ['20.20.2', 'out of support since 2026-04-30'],
  ['23.11.1', 'out of support since 2025-06-01'],
  ['25.9.0', 'out of support since 2026-06-01'],
])('Node %s is %s', (version, said) => {
  expect(warningOf(version)).toMatch(
    new RegExp(
      `^Node ${version.replaceAll('.', '\\.')} .* ${said}, .*CVE-2026-111497.*\\. Use Node 24, which is supported`,
    ),
  );
});

test.each<[string, string[], string]>([
  // https://nodejs.org/en/blog/vulnerability/march-2026-security-releases
  ['24.14.0', ['CVE-2026-21637', 'CVE-2026-48931', 'CVE-2026-58044', 'CVE-2026-111497'], '24.22.1'],
  ['22.22.1', ['CVE-2026-21637', 'CVE-2026-48931', 'CVE-2026-58044', 'CVE-2026-111497'], '22.23.4'],
  ['22.12.0', ['CVE-2026-21637', 'CVE-2026-48931', 'CVE-2026-58044', 'CVE-2026-111497'], '22.23.4'],
  ['24.14.1', ['CVE-2026-48931', 'CVE-2026-58044', 'CVE-2026-111497'], '24.22.1'],
  ['24.17.0', ['CVE-2026-58044', 'CVE-2026-111497'], '24.22.1'],
  // 9 comes before 22.
  ['24.9.0', ['CVE-2026-21637', 'CVE-2026-48931', 'CVE-2026-58044', 'CVE-2026-111497'], '24.22.1'],
  ['24.22.0', ['CVE-2026-111497'], '24.22.1'],
  // A line that began after the holes of March.
  ['26.0.0', ['CVE-2026-48931', 'CVE-2026-58044', 'CVE-2026-111497'], '26.12.1'],
  ['26.12.0', ['CVE-2026-111497'], '26.12.1'],
])('Node %s has %j, and %s has none of them', (version, ids, fixed) => {
  const warning = warningOf(version);
  const told = ['CVE-2026-21637', 'CVE-2026-48931', 'CVE-2026-58044', 'CVE-2026-111497'].filter((id) =>
    warning.includes(id),
  );
  expect(told).toEqual(ids);
  expect(warning).toMatch(new RegExp(`Use Node ${fixed.replaceAll('.', '\\.')} or newer$`));
  expect(warningOf(fixed)).toBe('');
});

test.each(['22.23.4', '24.22.1', '24.22.3', '26.12.1', '26.13.0', '27.0.0', '28.1.0', '24.23.0-nightly'])(
  'nothing is said of Node %s',
  (version) => {
    expect(warningOf(version)).toBe('');
  },
);

test('a line is supported on its last day, and not on the next', () => {
  expect(warningOf('22.99.0', new Date('2027-04-30T23:59:59Z'))).toBe('');
  expect(warningOf('22.99.0', new Date('2027-05-01T00:00:00Z'))).toContain('out of support since 2027-04-30');
});

test('the image is built on a line that is supported', () => {
  const dockerfile = readFileSync(path.join(__dirname, '../../Dockerfile'), 'utf8');
  expect(/^ARG NODE_IMAGE=.*\/node:(\d+)-/m.exec(dockerfile)?.[1]).toBe(String(recommendedLine));
});
