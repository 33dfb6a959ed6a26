const { ask, checkAnswers } = require('../check.cjs');
const { wrk } = require('../load/wrk.cjs');
const { costOf, forgetPeak, peakMemoryOf } = require('../measure.cjs');
const { sizes } = require('../upstream/nginx.cjs');

const schemes = ['http', 'https'];

module.exports = {
  id: 'post',
  title: 'A POST of 1 MB',
  shown: ['cpu'],
  async check(running) {
    await checkAnswers(running);
    const { status, body } = await ask(running.url('http', '/upload'), {
      method: 'POST',
      body: Buffer.alloc(sizes.upload, 'x'),
    });
    // The tool counts the request's head as well.
    const received = status === 200 ? Number(JSON.parse(body).received) : 0;
    if (received < sizes.upload || received > sizes.upload + 4_096) {
      throw new Error(`${running.peer.title} cannot be compared: a POST got ${status}, ${received} bytes arrived`);
    }
  },
  cases: schemes.map((scheme) => ({
    id: scheme,
    title: `${scheme.toUpperCase()}, 32 connections`,
    async run(running, { seconds, opensslConfig }) {
      forgetPeak(running.pid);
      const work = () => wrk(running.url(scheme, '/upload'), 32, seconds, { opensslConfig, post: sizes.upload });
      const { result, cpu } = await costOf(running.pid, work);
      return {
        requests: result.requests / result.seconds,
        cpu: cpu / result.requests,
        p99: result.p99,
        peak: peakMemoryOf(running.pid) / 1e6,
      };
    },
  })),
};
