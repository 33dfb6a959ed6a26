const { availableParallelism } = require('node:os');

/** One project a folder, so that each kind can be run alone: `npx jest --selectProjects unit`. */
const project = (name, more = {}) => ({
  displayName: name,
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/support/node-errors.ts'],
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
    // An import() of node:http, or modules, which would need a flag of Node's in jest.
    '/(otlp-exporter-base|entities|parse5)/.*\\.js$': [
      '@swc/jest',
      { jsc: { target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@opentelemetry/otlp-exporter-base/|entities/|parse5/)'],
  ...more,
});
/** All of test/failure in a few files: to load the gateway for each of them takes longer than most of them do. */
const inParts = { testMatch: ['<rootDir>/test/failure-in-parts/*.test.ts'] };

module.exports = {
  globalSetup: '<rootDir>/src/build/adopt-script.cjs',
  testTimeout: 30_000,
  // Tests wait more than they work; jest's own default leaves a core idle.
  maxWorkers: 2 * availableParallelism(),
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  projects: [
    project('unit'),
    project('gateway'),
    // One file at a time, by the relay; `npm test` takes them in parts, by both ways.
    project('failure'),
    // One file's alone: `--selectProjects failure-app -t refused.test.ts`.
    project('failure-relay', inParts),
    project('failure-app', { ...inParts, globals: { way: 'app' } }),
    project('failure-detour', { ...inParts, globals: { way: 'detour' } }),
    project('real'),
    project('containers'),
    project('tools'),
  ],
};
