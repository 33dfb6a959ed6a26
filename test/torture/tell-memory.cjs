// Loaded first into a program that may collect garbage (--expose-gc): SIGUSR2 has it tell, in a line, what is left of its
// memory then.
const { setTimeout: pause } = require('node:timers/promises');

process.on('SIGUSR2', async () => {
  // What a first collection has finalized goes with a second one.
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    await pause(50);
  }
  console.log(`memory ${JSON.stringify(process.memoryUsage())}`);
});
