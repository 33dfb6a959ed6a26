// Makes the one script of src/adopt/browser: into dist/, or the folder that is named; for jest, beside its source.
const { buildSync } = require('esbuild');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '../..');

function build(to) {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/adopt/browser/adopt.ts'],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    logLevel: 'warning',
  });
  const script = outputFiles[0].text;
  const file = path.resolve(root, to, 'adopt/browser/adopt.js');
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    if (readFileSync(file, 'utf8') === script) return;
  } catch {
    // It is the first time.
  }
  // Another run of tests may read it now.
  writeFileSync(`${file}.${process.pid}.js`, script);
  renameSync(`${file}.${process.pid}.js`, file);
}

module.exports = () => build('src');

if (require.main === module) build(process.argv[2] ?? 'dist');
