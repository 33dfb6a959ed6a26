// Copies the files that TypeScript leaves behind (styles, browser scripts, icons) beside the compiled code.
const { cpSync } = require('node:fs');

const kept = /\.(css|js|svg|html)$/;
for (const folder of ['portal', 'app', 'demo']) {
  cpSync(`src/${folder}`, `dist/${folder}`, {
    recursive: true,
    filter: (source) => !/\.[a-z]+$/.test(source) || kept.test(source),
  });
}
