import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { LogConfig } from '../../../src/config/config';
import { createLog } from '../../../src/observe/log';
import { ProxyError } from '../../../src/upstream/proxy-error';

const config = (format: LogConfig['format'], level: LogConfig['level'] = 'info'): LogConfig => ({
  level,
  format,
  access: true,
});

function capture(format: LogConfig['format'], isTTY = false) {
  const lines: string[] = [];
  const log = createLog(config(format), { isTTY, write: (line: string) => void lines.push(line) });
  return { log, lines, json: () => JSON.parse(lines[0]!) };
}

describe('the format', () => {
  it('json: a line with ISO time and the level as a word, without process id and host name', () => {
    const { log, json } = capture('json');
    log.warn({ mount: '/kpow' }, 'hello');
    expect(json()).toEqual({ level: 'warn', time: expect.stringMatching(/Z$/), mount: '/kpow', msg: 'hello' });
  });

  it('auto: JSON for a file, readable on a terminal', () => {
    const file = capture('auto');
    file.log.info('hello');
    expect(file.json().msg).toBe('hello');
    const terminal = capture('auto', true);
    terminal.log.info('hello');
    expect(terminal.lines.join('')).toMatch(/^\[.*INFO.*hello/);
  });

  it('pretty: colours on a terminal alone', () => {
    const file = capture('pretty');
    file.log.info('hello');
    expect(file.lines.join('')).toMatch(/^\[[0-9:.]+\] INFO: hello\n$/);
    const terminal = capture('pretty', true);
    terminal.log.info('hello');
    expect(terminal.lines.join('')).toContain('\u001b[');
  });

  it('pretty: other lines keep all their fields', () => {
    const { log, lines } = capture('pretty');
    log.info({ path: '/x', status: 'fine', code: 'C' }, 'hello');
    expect(lines.join('')).toContain('{"path":"/x","status":"fine","code":"C"}');
  });

  it('pretty: text from outside is written out, in messages, fields and errors', () => {
    const { log, lines } = capture('pretty');
    const evil = '\u001b[2J\u009b2J\u202e\u2028';
    log.info({ [evil]: evil, list: [{ evil }], err: new Error(evil) }, `a\r\n${evil}`);
    expect(lines.join('')).not.toMatch(/[^\n\x20-\x7e]/);
    expect(lines.join('')).toContain('a\\u000d\\u000a\\u001b[2J');
  });
});

it('says nothing below its level', () => {
  const lines: string[] = [];
  const log = createLog(config('json', 'error'), { write: (line: string) => void lines.push(line) });
  log.warn('quiet');
  expect(lines).toEqual([]);
});

describe('an error', () => {
  it('has its code, its message and its causes in short', () => {
    const { log, json } = capture('json');
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:3000'), { code: 'ECONNREFUSED' });
    log.warn({ err: new ProxyError('UPSTREAM_REFUSED', 'kPow', cause) }, 'failed');
    expect(json().err).toEqual({
      code: 'UPSTREAM_REFUSED',
      message: 'kPow refused the connection',
      causes: ['ECONNREFUSED: connect ECONNREFUSED 10.0.0.1:3000'],
    });
  });

  it('that nobody expected says where it was thrown', () => {
    const { log, json } = capture('json');
    log.error({ err: new ProxyError('INTERNAL', null, new TypeError('x is undefined')) }, 'failed');
    expect(json().err.at[0]).toContain('log.test');
  });

  it('shows nothing else that it carries', () => {
    const { log, lines } = capture('json');
    const err = Object.assign(new Error('Parse Error'), {
      code: 'HPE',
      rawPacket: Buffer.from('SECRET'),
      input: 'SECRET',
    });
    log.warn({ err }, 'failed');
    expect(lines.join('')).not.toMatch(/SECRET|rawPacket/);
  });

  it.each([
    ['a circle of causes', () => circular()],
    ['a text', () => 'thrown text'],
    ['nothing', () => null],
    ['a very long message', () => new Error('x'.repeat(1_000_000))],
    [
      'all addresses refused',
      () => Object.assign(new AggregateError([new Error('connect ::1')]), { code: 'ECONNREFUSED' }),
    ],
  ])('that is %s is written, and short', (_, error) => {
    const { log, lines } = capture('json');
    log.warn({ err: error() }, 'failed');
    expect(lines.join('').length).toBeLessThan(6_000);
    expect(lines.join('')).toContain('"msg":"failed"');
  });

  function circular(): Error {
    const error = new Error('circle');
    error.cause = error;
    return error;
  }
});

describe('a destination that fails', () => {
  it.each(['json', 'pretty'] as const)('by a full disk does not end the process (%s)', async (format) => {
    const fd = fs.openSync('/dev/full', 'w');
    const log = createLog(config(format), fd);
    for (let i = 0; i < 100; i += 1) log.info('hello');
    log.fatal('flushes at once');
    await new Promise(setImmediate);
    log.info('hello again');
    await new Promise(setImmediate);
    fs.closeSync(fd);
  });

  it.each(['json', 'pretty'] as const)('by a reader that has left does not end the process (%s)', async (format) => {
    const fifo = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'log-')), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const writer = fs.openSync(fifo, fs.constants.O_WRONLY);
    fs.closeSync(reader);
    const log = createLog(config(format), writer);
    log.info('hello');
    log.fatal('flushes at once');
    await new Promise(setImmediate);
    log.info('hello again');
    await new Promise(setImmediate);
    fs.closeSync(writer);
    fs.rmSync(path.dirname(fifo), { recursive: true });
  });

  it('by an error event or by throwing does not end the process', async () => {
    const stream = new PassThrough();
    const log = createLog(config('json'), stream);
    const closed = new Promise((resolve) => stream.on('close', resolve));
    stream.destroy(new Error('gone'));
    await closed;
    log.info('hello');
    const throwing = createLog(config('pretty'), {
      write: () => {
        throw new Error('broken');
      },
    });
    expect(() => throwing.fatal('hello')).not.toThrow();
  });
});

describe('lines to a descriptor', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'log-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const numbersIn = (text: string) => {
    const lines = text.trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line).i);
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

  it('arrive in order, by the next turn of the event loop', async () => {
    const file = path.join(folder, 'out');
    const fd = fs.openSync(file, 'w');
    const log = createLog(config('json'), fd);
    for (const i of upTo(1_000)) log.info({ i }, 'hello');
    await new Promise(setImmediate);
    expect(numbersIn(fs.readFileSync(file, 'utf8'))).toEqual(upTo(1_000));
    fs.closeSync(fd);
  });

  it('are there at once when the last one is fatal', () => {
    const file = path.join(folder, 'out');
    const fd = fs.openSync(file, 'w');
    const log = createLog(config('json'), fd);
    log.info({ i: 0 }, 'hello');
    log.fatal({ i: 1 }, 'the end');
    expect(numbersIn(fs.readFileSync(file, 'utf8'))).toEqual([0, 1]);
    fs.closeSync(fd);
  });

  it('wait for a reader that is slow, without holding up the program', async () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const writer = fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    const log = createLog(config('json'), writer);
    for (const i of upTo(5_000)) log.info({ i }, 'hello');
    await new Promise(setImmediate);
    const text = await new Promise<string>((resolve) => {
      let received = '';
      const read = setInterval(() => {
        const bytes = Buffer.alloc(65_536);
        try {
          received += bytes.toString('latin1', 0, fs.readSync(reader, bytes));
        } catch {
          // Empty for now.
        }
        if (!received.includes('"i":4999,')) return;
        clearInterval(read);
        resolve(received);
      }, 1);
    });
    expect(numbersIn(text)).toEqual(upTo(5_000));
    fs.closeSync(writer);
    fs.closeSync(reader);
  });
});
