// The steps from a fresh clone to the compiled program, each taken only where it is needed, and told of on stderr: the
// program's own lines are on stdout.
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '../..');
/** What was compiled, and what came of it. */
const stamp = 'dist/.compiled';

const say = (line) => process.stderr.write(`${line}\n`);

/** Installs what package-lock.json names, unless it is there already: so that one npm command works on a fresh clone. */
async function install() {
  const changed = (file) => statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const compiler = changed('node_modules/typescript/package.json');
  if (compiler > 0 && changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return;
  await step('Installing the packages that package-lock.json names, which takes some 10 seconds, once', () => {
    const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { npm_execpath: npm = '' } = process.env;
    return /npm-cli\.c?js$/.test(npm) ? run(process.execPath, [npm, ...args]) : run('npm', args);
  });
}

/** Makes dist/. @param whenChanged whether only where something has changed since */
async function compile({ whenChanged }) {
  const sources = digest(sourceFiles());
  if (whenChanged && isCompiled(sources)) return;
  rmSync(path.join(root, stamp), { force: true });
  await step(
    'Compiling TypeScript, which takes some 10 seconds; a start does so only when something has changed',
    async () => {
      await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
      await run(process.execPath, ['src/build/copy-assets.cjs']);
      await run(process.execPath, ['src/build/adopt-script.cjs']);
    },
  );
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  writeFileSync(path.join(root, stamp), stampOf(sources));
}

/** What is in dist/ counts as well: it may have been removed, or be left by another version. */
function isCompiled(sources) {
  try {
    return readFileSync(path.join(root, stamp), 'utf8') === stampOf(sources);
  } catch {
    return false;
  }
}

const stampOf = (sources) => `${sources}\n${digest(filesIn('dist').filter((file) => file !== stamp))}\n`;

/** Without what the tests make in src/. */
function sourceFiles() {
  const made = /^src\/adopt\/browser\/adopt\.js/;
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  return [...filesIn('src').filter((file) => !made.test(file)), ...settings];
}

function filesIn(folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** Of contents, not of times: git and copies change these. */
function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(path.join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

async function step(what, work) {
  say(`${what} ...`);
  const begun = Date.now();
  await work();
  say(`... done in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

/** The one program that a step waits for. */
let child = null;
let signalled = null;

/** Ends this process by the signal, after what it waits for. */
function endBy(signal) {
  signalled ??= signal;
  if (child === null) dieOf(signal);
  else child.kill('SIGTERM');
}

function dieOf(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** While `work` is under way, a signal ends the program that a step waits for too. */
async function endingChildren(work) {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, endBy);
  try {
    await work();
  } catch (error) {
    say(`The program could not be made: ${error.message}`);
    process.exit(1);
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.off(signal, endBy);
}

function run(command, args) {
  return new Promise((resolve) => {
    child = spawn(command, args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
    const over = (code) => {
      child = null;
      if (signalled !== null) dieOf(signalled);
      else if (code === 0) resolve();
      // What is wrong it has said itself.
      else process.exit(code ?? 1);
    };
    child.once('error', (error) => {
      say(`${command} cannot be started: ${error.message}`);
      over(1);
    });
    child.once('exit', over);
  });
}

module.exports = { compile, endBy, endingChildren, install };
