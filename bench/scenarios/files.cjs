const { ask, checkAnswers } = require('../check.cjs');
const { startClient } = require('../load/client-process.cjs');
const { wrk } = require('../load/wrk.cjs');
const { costOf, forgetPeak, peakMemoryOf } = require('../measure.cjs');
const { asked } = require('../peers/mounts.cjs');
const { sizes } = require('../upstream/nginx.cjs');

const schemes = ['http', 'https'];
const megabyte = 1e6;

/** @param load moves bytes and returns `{ bytes, seconds }` */
async function measureBytes({ pid }, load) {
  forgetPeak(pid);
  const { result, cpu } = await costOf(pid, load);
  const megabytes = result.bytes / megabyte;
  return {
    perCpu: megabytes / (cpu / 1e6),
    rate: megabytes / result.seconds,
    peak: peakMemoryOf(pid) / megabyte,
  };
}

/** Beside the usual checks: each byte of the asset arrives. */
async function check(running) {
  await checkAnswers(running);
  for (const scheme of schemes) {
    const { status, length } = await ask(running.url(scheme, '/asset'));
    if (status === 200 && length === sizes.asset) continue;
    throw new Error(`${running.peer.title} cannot be compared: ${scheme} /asset got ${status} with ${length} bytes`);
  }
}

const asset = {
  id: 'asset',
  title: 'An asset of 200 kB',
  shown: ['perCpu'],
  check,
  cases: schemes.map((scheme) => ({
    id: scheme,
    title: `${scheme.toUpperCase()}, 32 connections`,
    run: (running, { seconds, opensslConfig }) =>
      measureBytes(running, () => wrk(running.url(scheme, '/asset'), 32, seconds, { opensslConfig })),
  })),
};

const download = {
  id: 'download',
  title: 'A download of 1 GB',
  shown: ['perCpu', 'peak'],
  check,
  ends: () => startClient('download-main.cjs'),
  cases: schemes.map((scheme) => ({
    id: scheme,
    title: `${scheme.toUpperCase()}, one connection`,
    run(running, { ends, warmUp }) {
      const to = { port: running.ports[scheme], secure: scheme === 'https' };
      const path = `${asked}/${warmUp ? 'asset' : 'download'}`;
      return measureBytes(running, () => ends.ask('run', { ...to, path }));
    },
  })),
};

module.exports = { asset, download };
