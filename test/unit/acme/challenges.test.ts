import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Challenges, isToken } from '../../../src/acme/challenges';

let folder: string;
let challenges: Challenges;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kpow-gateway-'));
  challenges = new Challenges(path.join(folder, 'challenges'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what is put is got, by its own user alone, until it is removed', async () => {
  await challenges.put('http-01', 'abc-_9', 'abc-_9.thumb');
  expect(await challenges.get('http-01', 'abc-_9')).toBe('abc-_9.thumb');
  expect(statSync(path.join(folder, 'challenges/http-01/abc-_9')).mode & 0o777).toBe(0o600);
  expect(await challenges.get('tls-alpn-01', 'abc-_9')).toBeNull();
  await challenges.remove('http-01', 'abc-_9');
  await challenges.remove('http-01', 'abc-_9');
  expect(await challenges.get('http-01', 'abc-_9')).toBeNull();
});

test.each(['', '.', '..', '../x', 'a/b', 'a%2fb', 'a.b', 'a b', 'a\0', 'a=', 'é', 'x'.repeat(201)])(
  'a token is not %j',
  async (name) => {
    expect(isToken(name)).toBe(false);
    expect(await challenges.get('http-01', name)).toBeNull();
    await expect(challenges.put('http-01', name, 'x')).rejects.toThrow('cannot be a name');
    expect(existsSync(path.join(folder, 'challenges'))).toBe(false);
  },
);

test('no name, whatever it is, leads out of the folder', async () => {
  writeFileSync(path.join(folder, 'secret'), 'secret.x');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('..', '/', '.', 'secret', '%2f', '\0', '\\', 'a'), { maxLength: 8 }),
      fc.constantFrom('http-01' as const, 'tls-alpn-01' as const),
      async (parts, type) => {
        expect(await challenges.get(type, parts.join(''))).toBeNull();
      },
    ),
  );
});

test('a token in other letters is another one, also where files are not told apart by that', async () => {
  await challenges.put('http-01', 'Token', 'token.thumb');
  expect(await challenges.get('http-01', 'Token')).toBeNull();
});

test('what a dead process left is not answered, and swept away', async () => {
  await challenges.put('http-01', 'old', 'old.thumb');
  await challenges.put('http-01', 'new', 'new.thumb');
  await challenges.put('tls-alpn-01', 'a.example.com', 'x.y');
  const long = Date.now() / 1000 - 2 * 3600;
  utimesSync(path.join(folder, 'challenges/http-01/old'), long, long);
  expect(await challenges.get('http-01', 'old')).toBeNull();
  await challenges.sweep();
  expect(readdirSync(path.join(folder, 'challenges/http-01'))).toEqual(['new']);
  expect(await challenges.get('tls-alpn-01', 'a.example.com')).toBe('x.y');
});
