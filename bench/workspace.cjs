const { mkdtempSync, rmSync, writeFileSync, existsSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { generate } = require('selfsigned');
const { opensslConfig } = require('./tls-terms.cjs');

/**
 * The folder that everything is written to: in memory where there is such a place, so that no disk is measured.
 * @returns files that all share: the certificate (ECDSA, P-256), and what makes wrk offer the agreed TLS terms
 */
async function makeWorkspace() {
  const folder = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'kpow-gateway-bench-'));
  const file = (name, content) => {
    const whole = path.join(folder, name);
    writeFileSync(whole, content);
    return whole;
  };
  try {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', curve: 'P-256' });
    return {
      folder,
      pair: {
        cert: file('tls.crt', made.cert),
        key: file('tls.key', made.private),
        both: file('tls.pem', `${made.cert.trim()}\n${made.private}`),
      },
      opensslConfig: file('openssl.cnf', opensslConfig),
      remove: () => rmSync(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

module.exports = { makeWorkspace };
