/**
 * Requests at a fixed rate, whether the earlier ones have been answered or not: a request is due when the clock says
 * so, waits where all connections are busy, and its latency counts from when it was due. (A client that waits for an
 * answer before it asks again leaves out just the requests that would have had to wait: coordinated omission.)
 *
 * It looks at the clock all the time, so it wants to be run in the idle class, where it is in nobody's way.
 */
const { performance } = require('node:perf_hooks');
const { setImmediate } = require('node:timers');
const { setTimeout: pause } = require('node:timers/promises');
const { percentile } = require('../statistics.cjs');
const { answer } = require('./client-process.cjs');
const { connect, requestHead } = require('./connect.cjs');

/** The last byte of the JSON, and of no head. */
const closingBrace = 0x7d;

/** How long the load is on before it counts, in seconds: this program is compiled as it runs. */
const warmUp = 0.7;

/** How long what is still under way at the end may take, in milliseconds. */
const patience = 1_000;

answer({
  /**
   * @returns percentiles in milliseconds; `late`: the share of requests that had no answer in the end;
   * `held`: how late this program itself came to look at the clock, p99
   */
  async run({ port, secure, path, rate, seconds, connections }) {
    const head = requestHead(path, port);
    const waiting = [];
    let served = 0;
    const latencies = [];
    const delays = [];
    let answered = 0;
    const sockets = await Promise.all(Array.from({ length: connections }, () => connect({ port, secure })));
    const all = sockets.map((socket) => ({ socket, due: null }));
    const free = [...all];
    let broken = null;

    const send = (connection, due) => {
      connection.due = due;
      connection.socket.write(head, 'latin1');
    };
    for (const connection of all) {
      const { socket } = connection;
      socket.on('error', (error) => (broken ??= error));
      socket.on('close', () => (broken ??= new Error('a connection was closed')));
      socket.on('data', (bytes) => {
        if (bytes[bytes.length - 1] !== closingBrace) return;
        answered++;
        if (connection.due >= counted) latencies.push(performance.now() - connection.due);
        connection.due = null;
        if (served < waiting.length) send(connection, waiting[served++]);
        else free.push(connection);
      });
    }

    const begun = performance.now();
    const counted = begun + warmUp * 1_000;
    const end = counted + seconds * 1_000;
    let sent = 0;
    await new Promise((resolve) => {
      const turn = () => {
        const now = performance.now();
        for (; begun + (sent * 1_000) / rate <= Math.min(now, end); sent++) {
          const due = begun + (sent * 1_000) / rate;
          if (due >= counted) delays.push(now - due);
          const connection = free.pop();
          if (connection) send(connection, due);
          else waiting.push(due);
        }
        if (now >= end || broken) resolve();
        else setImmediate(turn);
      };
      turn();
    });
    const last = performance.now() + patience;
    while (answered < sent && performance.now() < last) await pause(5);
    if (broken) throw broken;

    // What never came took at least as long as it has been waited for.
    const unanswered = sent - answered;
    const now = performance.now();
    for (const { due } of all) if (due !== null) latencies.push(now - due);
    for (const due of waiting.slice(served)) latencies.push(now - due);
    for (const { socket } of all) socket.removeAllListeners('close').destroy();
    return {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      late: unanswered / sent,
      held: percentile(delays, 0.99),
    };
  },
});
