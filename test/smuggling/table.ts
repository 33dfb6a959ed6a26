import { chunks } from './cases/chunks';
import { connection } from './cases/connection';
import { contentLength } from './cases/content-length';
import { expectations } from './cases/expect';
import { hostAndTarget } from './cases/host-and-target';
import { lineEnds } from './cases/line-ends';
import { pipelined } from './cases/pipelined';
import { transferEncoding } from './cases/transfer-encoding';
import { upgrade } from './cases/upgrade';
import { versions } from './cases/versions';
import type { SmugglingCase } from './smuggling-case';

/** All cases, by what they play with. */
export const families: Readonly<Record<string, readonly SmugglingCase[]>> = {
  'Transfer-Encoding': transferEncoding,
  'Content-Length': contentLength,
  chunks,
  'line ends and odd bytes': lineEnds,
  'Host and target': hostAndTarget,
  Connection: connection,
  Upgrade: upgrade,
  Expect: expectations,
  'versions and methods': versions,
  pipelining: pipelined,
};

export const allCases: readonly SmugglingCase[] = Object.values(families).flat();

/** Those of which anything may reach a tool: of the others, no tool can make anything. */
export const reachingCases: readonly SmugglingCase[] = allCases.filter(
  ({ answers, partly }) => partly !== null || answers.some((answer) => typeof answer !== 'number'),
);
