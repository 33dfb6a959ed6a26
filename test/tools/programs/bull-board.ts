import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startProgram } from '../../support/program';
import { answering, both, installed, missingProgram, type Tool } from '../tool';

const version = '9.10.1';
const packages = {
  '@bull-board/api': version,
  '@bull-board/express': version,
  bullmq: '6.7.0',
  express: '5.2.1',
  ioredis: '6.0.0',
};

/** As its README has it. */
const program = `
const { createBullBoard } = require('@bull-board/api');
const { BullMQAdapter } = require('@bull-board/api/bullMQAdapter');
const { ExpressAdapter } = require('@bull-board/express');
const { Queue, Worker } = require('bullmq');
const express = require('express');
const [port, redis] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port: redis };
const queue = new Queue('letters', { connection });
const serverAdapter = new ExpressAdapter();
createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter });
(async () => {
  await queue.add('to Ann', { text: 'hello' });
  await queue.add('to Bob', { text: 'later' }, { delay: 3_600_000 });
  new Worker('letters', async (job) => { if (job.name === 'to Ann') throw new Error('no such address'); }, { connection })
    .once('failed', () => express().use(serverAdapter.getRouter()).listen(port, '127.0.0.1'));
})();
`;

export const bullBoard: Tool = {
  name: 'bull-board (React, its own router)',
  version: () => version,
  missing: () => missingProgram('redis-server', 'redis-server'),
  what: 'opens a queue, filters it, reads a failed job, opens its address anew, goes back',
  ports: 2,
  start: async (port = 0, redisPort = 0) => {
    const folder = installed('bull-board', packages);
    writeFileSync(path.join(folder, 'board.cjs'), program);
    const redis = await startProgram('redis-server', ['--port', String(redisPort), '--save', '']);
    await redis.until('Ready to accept connections');
    const board = await startProgram(process.execPath, ['board.cjs', String(port), String(redisPort)], { cwd: folder });
    const origin = `http://127.0.0.1:${port}`;
    await answering(origin, board);
    return { origin, stop: both(board, redis) };
  },
  task: async ({ page, open, shot }) => {
    await open('/');
    await page.locator('a[title=letters]').click();
    await page.locator('a', { hasText: 'FAILED' }).click();
    await page.getByText('to Bob').waitFor({ state: 'detached' });
    await shot('failed', 'text=/seconds?$/', 'text=/[AP]M$/');
    await page.locator('a', { hasText: 'to Ann' }).first().click();
    await page.getByText('no such address').first().waitFor();
    await page.reload();
    await page.getByText('no such address').first().waitFor();
    await page.goBack();
    await page.locator('a', { hasText: 'DELAYED' }).click();
    await page.getByText('to Bob').first().waitFor();
  },
};
