import { explain } from '../../../src/commands/explain';
import { testConfig } from '../../support/gateway';

const mounts = [{ name: 'kPow', path: '/kpow', target: 'http://localhost:3000', deny: ['/secret'] }];

interface More {
  listen?: object;
  hosts?: string[];
  json?: boolean;
  send?: boolean;
  header?: string[];
}

async function run(words: string[], more: More = {}) {
  const { json = false, send = false, header = [], ...config } = more;
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await explain(
    testConfig({ mounts, ...config }),
    words,
    { header, json, send, from: '203.0.113.7' },
    { out: (line) => lines.push(line), error: (line) => errors.push(line) },
  );
  return { code, text: lines.join('\n'), errors };
}

test('a request to a tool is told with the reason for each change', async () => {
  const { code, text, errors } = await run(['/kpow/x'], { header: ['X-Real-IP: 6.6.6.6', 'Accept: */*'] });
  expect([code, errors]).toEqual([0, []]);
  expect(text).toContain('The tool gets\n  GET /x\n      `prefix: strip` takes /kpow off\n');
  expect(text).toContain('- X-Real-IP: 6.6.6.6\n      not believed: 203.0.113.7 is not in `trustedProxies`\n');
  expect(text).toContain('\n  Accept: */*\n');
  expect(text).toContain('+ X-Forwarded-For: 203.0.113.7\n');
});

test('what a mount refuses ends with 1, and with what to do', async () => {
  const { code, text } = await run(['/kpow/secret']);
  expect(code).toBe(1);
  expect(text).toMatch(/The gateway answers 403 PATH_DENIED: This part of kPow is not served\n[^]*`deny` of the mount/);
});

test('what is no request ends with 2, and is said apart', async () => {
  expect(await run(['kpow'])).toEqual({
    code: 2,
    text: '',
    errors: [expect.stringContaining('neither a URL nor a path')],
  });
});

test('a path alone is asked for where a browser on this machine finds the gateway', async () => {
  expect((await run(['/'], { listen: { https: { port: 443 } } })).text).toContain('who sees https://localhost\n');
  expect((await run(['/'], { listen: { https: 'off', http: { port: 81, mode: 'serve' } } })).text).toContain(
    'http://localhost:81\n',
  );
  expect((await run(['/'], { hosts: ['*.a.example', 'b.example'] })).text).toContain('https://b.example');
});

test('programs get the same as JSON', async () => {
  const { code, text } = await run(['/kpow/x'], { json: true });
  expect(code).toBe(0);
  expect(JSON.parse(text)).toMatchObject({
    mount: '/kpow',
    outcome: { kind: 'tool', request: { target: '/x', to: ['http://localhost:3000'] } },
    way: { name: 'relay' },
  });
});

test('a request that is sent has no body', async () => {
  const { code, errors } = await run(['POST', '/kpow/x'], { header: ['Content-Length: 2'], send: true });
  expect([code, errors]).toEqual([2, [expect.stringContaining('sends no body')]]);
});

test('a tool whose TLS files are of no use gets nothing, and the file is named', async () => {
  const target = 'https://localhost:3000';
  const broken = [{ name: 'Tool', path: '/tool', target, tls: { ca: '/nowhere/ca.crt' } }];
  const lines: string[] = [];
  const errors: string[] = [];
  const options = { header: [], json: false, send: false, from: '203.0.113.7' };
  const output = { out: (line: string) => lines.push(line), error: (line: string) => errors.push(line) };
  expect(await explain(testConfig({ mounts: broken }), ['/tool/x'], options, output)).toBe(1);
  expect(errors).toEqual([
    "The gateway itself answers 502, for the mount's tls.ca: /nowhere/ca.crt does not exist; check the name",
  ]);
});
