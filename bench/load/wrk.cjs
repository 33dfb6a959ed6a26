const path = require('node:path');
const { start } = require('../processes.cjs');
const { fields } = require('./request-head.cjs');

/**
 * Loads a URL over kept connections, each with one request after another.
 * @param {{ opensslConfig: string, post?: number, queries?: boolean, own?: 'first' | 'mixed' }} options `post`: bytes to
 * post with each request; `queries`: each request has another query; `own`: the portal's page is asked for as well, by
 * each connection before anything else, or by every tenth request
 * @returns {Promise<{ requests: number, seconds: number, bytes: number, p50: number, p99: number }>} latencies in
 * milliseconds
 */
async function wrk(url, connections, seconds, { opensslConfig, post, queries, own }) {
  const headers = Object.entries(fields).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const size = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s'];
  const script = ['-s', path.join(__dirname, 'wrk.lua'), url];
  const kind = queries ? 'queries' : (own ?? post);
  const given = kind === undefined ? [] : ['--', String(kind), String(connections)];
  const started = start('wrk', [...size, ...headers, ...script, ...given], { env: { OPENSSL_CONF: opensslConfig } });
  await started.exited;
  return parseReport(started.output, url);
}

/** @throws where a request failed: what fails is quick, and no measure of anything */
function parseReport(output, url) {
  const line = output.split('\n').findLast((each) => each.startsWith('{"requests":'));
  if (line === undefined) throw new Error(`wrk ${url} has no report; it said:\n${output}`);
  const { requests, microseconds, bytes, p50, p99, errors } = JSON.parse(line);
  const failed = Object.entries(errors).filter(([, count]) => count > 0);
  if (failed.length > 0 || requests === 0) {
    const told = failed.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'no request was answered';
    throw new Error(`wrk ${url}: ${told} (of ${requests} requests)`);
  }
  return { requests, seconds: microseconds / 1e6, bytes, p50: p50 / 1_000, p99: p99 / 1_000 };
}

module.exports = { parseReport, wrk };
