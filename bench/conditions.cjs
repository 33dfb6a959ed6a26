const { readFileSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const tls = require('node:tls');
const { ask, termsOf } = require('./check.cjs');
const { wrk } = require('./load/wrk.cjs');
const { startPeer } = require('./peers/index.cjs');
const { startEnds, withWebsockets } = require('./scenarios/websocket.cjs');
const { agreed, protocol, cipher } = require('./tls-terms.cjs');

/**
 * What is true of the comparison as a whole, seen rather than believed: the TLS terms that each proxy and wrk agree on,
 * and which of its two ways the gateway takes, from its access log.
 */
async function seeConditions(peers, context) {
  const terms = { wrk: await termsOfWrk(context) };
  let ways = null;
  for (const peer of peers) {
    const place = { folder: context.folder, pair: context.pair, name: `conditions-${peer.id}` };
    const running = await startPeer(peer, { ...place, target: context.upstream.port, access: true });
    try {
      terms[peer.id] = await termsOf(running);
      if (peer.id === 'gateway') ways = { ...(await waysOf(running)), websocket: await wayOfWebsocket(peer, place) };
    } finally {
      await running.stop();
    }
  }
  for (const [who, said] of Object.entries(terms)) {
    if (!said.startsWith(`${protocol} ${cipher}`)) throw new Error(`TLS differs: ${who} speaks ${said}`);
  }
  return { tls: terms, ways };
}

async function waysOf(running) {
  const probes = {
    'GET over HTTP': () => ask(running.url('http', '/api')),
    'GET over HTTPS': () => ask(running.url('https', '/api')),
    'POST over HTTP': () => ask(running.url('http', '/upload'), { method: 'POST', body: 'x' }),
  };
  const ways = {};
  for (const [what, probe] of Object.entries(probes)) ways[what] = await wayOf(running, probe);
  return ways;
}

/** Its line is written when it has ended. */
async function wayOfWebsocket(peer, place) {
  const ends = await startEnds();
  const own = { ...place, name: `${place.name}-websocket`, target: ends.port, access: true };
  try {
    const running = await startPeer(peer, own);
    const openAndClose = () => withWebsockets(running, ends, { scheme: 'https', count: 1 }, () => {});
    return await wayOf(running, openAndClose).finally(running.stop);
  } finally {
    await ends.stop();
  }
}

async function wayOf(running, probe) {
  const before = accessLines(running).length;
  await probe();
  return (await nextLine(running, before)).way;
}

const accessLines = ({ log }) =>
  readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"way":'));

/** The gateway writes its lines when it has nothing better to do. */
async function nextLine(running, before) {
  for (let i = 0; i < 300; i++) {
    const line = accessLines(running)[before];
    if (line !== undefined) return JSON.parse(line);
    await pause(10);
  }
  throw new Error('The gateway did not log a request within 3 s, so that its way is not known');
}

/** wrk cannot be asked; a server of our own can. */
async function termsOfWrk({ pair, opensslConfig }) {
  let seen = null;
  const server = tls.createServer({ cert: readFileSync(pair.cert), key: readFileSync(pair.key) }, (socket) => {
    // Without the group: a server is not told.
    seen = agreed(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await wrk(`https://127.0.0.1:${server.address().port}/`, 1, 1, { opensslConfig });
    return seen;
  } finally {
    server.close();
  }
}

module.exports = { seeConditions };
