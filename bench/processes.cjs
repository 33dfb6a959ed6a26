const { execFileSync, spawn } = require('node:child_process');
const { openSync, closeSync } = require('node:fs');
const { once } = require('node:events');
const { connect } = require('node:net');
const { setTimeout: pause } = require('node:timers/promises');
const { treeOf } = require('./measure.cjs');

/** The proxy has a core to itself; what loads it and what answers it share another one. */
const cores = { proxy: 1, load: 0 };

const running = new Set();

/** This process and, unless they are told otherwise, those that it starts. */
function moveToLoadCore() {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(cores.load), String(process.pid)]);
}

/**
 * Starts a program on one core.
 * @param {{ core?: number, env?: object, stdout?: string, ipc?: boolean }} options `stdout`: the file that its output
 * is appended to; without it the output is kept for messages
 */
function start(command, args, { core = cores.load, env, stdout, ipc = false } = {}) {
  const file = stdout === undefined ? null : openSync(stdout, 'a');
  const child = spawn('taskset', ['--cpu-list', String(core), command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', file ?? 'pipe', 'pipe', ...(ipc ? ['ipc'] : [])],
  });
  if (file !== null) closeSync(file);
  const process_ = { child, pid: child.pid, command, output: '', exited: once(child, 'close') };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => (process_.output = (process_.output + text).slice(-8_000)));
  }
  running.add(process_);
  const ended = () => running.delete(process_);
  process_.exited.then(ended, ended);
  return process_;
}

/** Resolves once a port takes connections. */
async function accepting(port, started) {
  for (let i = 0; i < 1_000; i++) {
    if (started.child.exitCode !== null) break;
    if (await accepts(port)) return;
    await pause(10);
  }
  await stop(started);
  throw new Error(`${started.command} does not listen on port ${port}; it said:\n${started.output}`);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Ends a program and what it has started. Not by asking: some take a minute to see their connections off. */
async function stop(started) {
  kill(started);
  await started.exited.catch(() => {});
}

function kill({ pid, child }) {
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const each of treeOf(pid)) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** For the very end, where nothing can be awaited. */
function killAll() {
  for (const each of running) kill(each);
}

module.exports = { accepting, cores, killAll, moveToLoadCore, start, stop };
