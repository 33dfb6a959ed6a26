/** New TLS connections, each with one request, some at a time. */
const { answer } = require('./client-process.cjs');
const { connect, requestHead } = require('./connect.cjs');

const atOnce = 16;

answer({
  /**
   * @param resume whether each connection takes up the session of an earlier one; that it does is seen, not assumed
   * @returns `count` of connections, and `seconds` for them
   */
  async run({ port, path, seconds, resume }) {
    const head = requestHead(path, port, { Connection: 'close' });
    let session = resume ? await one({ port, head, session: undefined }) : undefined;
    let count = 0;
    const begun = process.hrtime.bigint();
    const passed = () => Number(process.hrtime.bigint() - begun) / 1e9;
    const worker = async () => {
      while (passed() < seconds) {
        const next = await one({ port, head, session });
        if (resume) session = next ?? session;
        count++;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { count, seconds: passed() };
  },
});

/** @returns the session ticket that the server gave, if it did */
async function one({ port, head, session }) {
  let ticket;
  const socket = await connect({ port, secure: true, session, onSession: (given) => (ticket = given) });
  if (socket.isSessionReused() !== (session !== undefined)) {
    throw new Error(session ? 'a session was not resumed' : 'a session was resumed');
  }
  await new Promise((resolve, reject) => {
    let answered = false;
    socket.on('error', reject);
    socket.on('data', (bytes) => (answered ||= bytes.toString('latin1', 0, 12) === 'HTTP/1.1 200'));
    socket.on('close', () => (answered ? resolve() : reject(new Error('a request was not answered'))));
    socket.write(head, 'latin1');
  });
  return ticket;
}
