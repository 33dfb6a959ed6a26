import { prometheus } from '../tools/programs/prometheus';
import { redisCommander } from '../tools/programs/redis-commander';
import { proveAll } from '../tools/prove-all';

// Those that install in little time; `npm run test:tools` has the others.
proveAll([prometheus, redisCommander]);
