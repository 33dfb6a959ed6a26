import { alertmanager } from './programs/alertmanager';
import { bullBoard } from './programs/bull-board';
import { jupyter } from './programs/jupyter';
import { nodeRed } from './programs/node-red';
import { prometheus } from './programs/prometheus';
import { rabbitmq } from './programs/rabbitmq';
import { redisCommander } from './programs/redis-commander';
import { verdaccio } from './programs/verdaccio';
import { proveAll } from './prove-all';

proveAll([prometheus, alertmanager, rabbitmq, nodeRed, jupyter, redisCommander, verdaccio, bullBoard]);
