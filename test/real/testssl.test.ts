import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { makeAuthority } from '../support/authority';
import { startGateway, temporaryFolder } from '../support/gateway';
import { startProgram } from '../support/program';

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

/** What testssl.sh finds of the authority that a test makes, and of the machine; nothing of the gateway. */
const notTheGateways: Readonly<Record<string, string>> = {
  cert_revocation: 'an authority that lives for one test publishes no revocations',
  engine_problem: 'the machine’s openssl has no engine for GOST',
  sessionresumption_ticket:
    'its client leaves right after the handshake, sometimes before it has the ticket, and then cannot come back with it; test/gateway/tls.test.ts resumes sessions',
};

/** Two runs at once, since it mostly waits. */
const checks = [
  // Protocols, ciphers, forward secrecy, order, headers.
  ['--protocols', '--std', '--pfs', '--server-preference', '--headers'],
  // Certificate and sessions, and every vulnerability that it knows.
  ['--server-defaults', '--vulnerable'],
];

const command = ['testssl', 'testssl.sh'].find((name) => spawnSync(name, ['--version']).error === undefined);
const title = 'testssl.sh finds nothing above LOW with an ordinary certificate';

(command === undefined ? test.skip : test)(
  command === undefined ? `${title} (skipped: testssl.sh is not installed)` : title,
  async () => {
    const authority = await makeAuthority('Test authority');
    const { files } = await authority.server('tools.example');
    const gateway = await startGateway({
      mounts: [{ path: '/kpow', target: 'http://127.0.0.1:9' }],
      listen: { https: { ...files, hsts: '365d' }, http: 'off' },
    });
    const findings: Finding[] = [];
    try {
      await Promise.all(
        checks.map(async (which) => {
          const report = path.join(temporaryFolder(), 'report.json');
          const fixed = ['--quiet', '--color', '0', '--warnings', 'off', '--nodns', 'none', '--ip', '127.0.0.1'];
          const program = await startProgram(command ?? '', [
            ...[...fixed, '--add-ca', authority.file, ...which],
            ...['--jsonfile', report, `https://tools.example:${gateway.httpsPort}/`],
          ]);
          await program.ended;
          findings.push(...(JSON.parse(readFileSync(report, 'utf8')) as Finding[]));
        }),
      );
    } finally {
      await gateway.stop();
    }

    const found = new Map(findings.map(({ id, severity, finding }) => [id, `${severity}: ${finding}`]));
    const grave = [...found].filter(([id, text]) => !/^(OK|INFO|LOW): /.test(text) && !(id in notTheGateways));
    expect(grave).toEqual([]);
    // It really looked.
    expect(Object.fromEntries(found)).toMatchObject({
      SSLv2: 'OK: not offered',
      SSLv3: 'OK: not offered',
      TLS1: expect.stringMatching(/: not offered/) as string,
      TLS1_1: expect.stringMatching(/: not offered/) as string,
      TLS1_2: 'OK: offered',
      TLS1_3: expect.stringMatching(/^OK: offered/) as string,
      cipher_order: 'OK: server',
      cert_chain_of_trust: expect.stringMatching(/^OK: passed/) as string,
      secure_client_renego: 'OK: not vulnerable',
      heartbleed: expect.stringMatching(/^OK: not vulnerable/) as string,
      ROBOT: expect.stringMatching(/^OK: not vulnerable/) as string,
      HSTS_time: expect.stringMatching(/^OK: 365 days/) as string,
    });
  },
  300_000,
);
