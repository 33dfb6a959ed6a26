/** Downloads over a connection of its own, throws the bytes away, and counts them. */
const { answer } = require('./client-process.cjs');
const { connect, requestHead } = require('./connect.cjs');

answer({
  /** @returns `bytes` of the body and `seconds` for them @throws unless all came that Content-Length announced */
  async run({ port, secure, path }) {
    const socket = await connect({ port, secure });
    const begun = process.hrtime.bigint();
    const bytes = await new Promise((resolve, reject) => {
      let announced = null;
      let received = 0;
      socket.on('error', reject);
      socket.on('close', () => {
        if (received === announced) resolve(received);
        else reject(new Error(`${received} of ${announced} bytes came`));
      });
      socket.on('data', (chunk) => {
        if (announced !== null) {
          received += chunk.length;
        } else {
          const end = chunk.indexOf('\r\n\r\n');
          const head = chunk.toString('latin1', 0, end);
          announced = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
          if (!head.startsWith('HTTP/1.1 200 ') || Number.isNaN(announced)) {
            reject(new Error(`no answer to count: ${head}`));
            return;
          }
          received = chunk.length - end - 4;
        }
        if (received >= announced) socket.destroy();
      });
      socket.write(requestHead(path, port, { Connection: 'close' }), 'latin1');
    });
    return { bytes, seconds: Number(process.hrtime.bigint() - begun) / 1e9 };
  },
});
