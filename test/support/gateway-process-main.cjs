// A gateway in a process of its own. argv: the folder of the compiled sources, and a file with the configuration as JSON.
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { answerResources } = require('./answer-resources.cjs');

const [, , dist, file] = process.argv;
const { createGateway } = require(path.join(dist, 'gateway.js'));

answerResources();
void createGateway(JSON.parse(readFileSync(file, 'utf8')))
  .start()
  .then(({ https, http }) => process.send({ httpsPort: https?.port ?? 0, httpPort: http?.port ?? 0 }));
process.once('disconnect', () => process.exit());
