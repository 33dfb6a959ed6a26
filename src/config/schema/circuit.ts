import * as kinds from '../kinds';
import { layered, mapping } from './field';

const failures = layered('circuit.failures', kinds.count(1, 1_000), 3, {
  description:
    'How many connects that fail in a row take a target out. The other targets get its requests; where there is none, a target that only refuses is still tried, and one that lets connects time out is answered for with 503 at once.',
  examples: [5],
});
const retry = layered('circuit.retry', kinds.duration({ least: 10 }), '1s', {
  description:
    'When a target that is out is tried by a connection of its own, without a request, for the first time; then after twice the time, and so on, up to 30 s. A good probe of `health` brings it back as well.',
  examples: ['5s'],
});
const example = '{ failures: 3, retry: 1s }';
export const topCircuit = mapping(
  { failures: failures.top, retry: retry.top },
  'When a target that takes no connections is left alone, whether it has `health` or not; a mount may have its own.',
  example,
);
export const ownCircuit = mapping(
  { failures: failures.own, retry: retry.own },
  "When this tool's targets are left alone.",
  example,
);
