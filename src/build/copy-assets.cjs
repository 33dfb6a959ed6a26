// Copies the files that TypeScript leaves behind (styles, browser scripts, icons) beside the compiled code, into dist/
// or the folder that is named.
const { cpSync, existsSync } = require('node:fs');

const [to = 'dist'] = process.argv.slice(2);
const kept = /\.(css|js|svg|html)$/;

function isAsset(source) {
  if (!/\.[a-z]+$/.test(source)) return true;
  if (!kept.test(source)) return false;
  if (source.endsWith('.js') && existsSync(source.replace(/js$/, 'ts')))
    throw new Error(`${source} would replace what is compiled beside it`);
  return true;
}

for (const folder of ['portal', 'demo'])
  cpSync(`src/${folder}`, `${to}/${folder}`, { recursive: true, filter: isAsset });
