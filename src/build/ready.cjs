// Sees to the packages and, unless it is told `install`, to dist/; `build` compiles whatever there is.
const { compile, endingChildren, install } = require('./steps.cjs');

const [only] = process.argv.slice(2);

void endingChildren(async () => {
  if (only !== 'build') await install();
  if (only !== 'install') await compile({ whenChanged: only !== 'build' });
});
