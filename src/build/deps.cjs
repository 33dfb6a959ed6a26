// Installs what package-lock.json names, unless it is there already: so that one npm command works on a fresh clone.
const { execSync } = require('node:child_process');
const { statSync } = require('node:fs');

const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  execSync('npm ci --ignore-scripts --no-audit --no-fund', { stdio: 'inherit' });
}
