// `helm test`: the gateway answers at the address given, and so do its tools. Node alone, as the image has nothing else.
const address = process.argv.at(-1);
const { get } = require(address.startsWith('https:') ? 'node:https' : 'node:http');

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

// The certificate is for the name that people use, which is not the Service's.
get(address, { rejectUnauthorized: false, timeout: 10_000 }, (answer) => {
  let body = '';
  answer.setEncoding('utf8').on('data', (text) => (body += text));
  answer.on('error', (error) => fail(`${address}: the answer broke off (${error.message})`));
  answer.on('end', () => {
    if (answer.statusCode !== 200 && answer.statusCode !== 503)
      fail(`${address}: answered ${answer.statusCode}; is this the gateway?`);
    const { mounts } = JSON.parse(body);
    for (const { name, path, state, reason } of mounts)
      console.log(`${path}  ${name}: ${state}${reason ? ` (${reason})` : ''}`);
    const bad = mounts.filter(({ state }) => state === 'unhealthy' || state === 'unreachable');
    if (bad.length > 0)
      fail(`The gateway serves, but not every tool: look at ${bad.map(({ name }) => name).join(', ')}.`);
  });
})
  .on('timeout', function () {
    this.destroy(new Error('no answer in 10 s'));
  })
  .on('error', (error) => fail(`${address}: ${error.message}; look at the gateway's pods and their logs`));
