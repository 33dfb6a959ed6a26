import { EventEmitter } from 'node:events';
import { ConfigError } from '../../../src/config/config';
import { ListenError } from '../../../src/listener/listen-error';
import { Channel, type Port } from '../../../src/workers/channel';

/** Two ends of what would be a pipe between processes: what goes through is copied, as there. */
function ends(): [Port & EventEmitter, Port & EventEmitter] {
  const [a, b] = [new EventEmitter(), new EventEmitter()];
  const sendTo = (other: EventEmitter) => (message: object) => {
    const copy = structuredClone(message);
    queueMicrotask(() => other.emit('message', copy));
  };
  return [Object.assign(a, { send: sendTo(b) }), Object.assign(b, { send: sendTo(a) })];
}

interface Calls {
  double(number: number): number;
  later(text: string): Promise<string>;
  note(text: string): void;
  fail(error: Error): never;
}

function scene() {
  const [near, far] = ends();
  const noted: string[] = [];
  const calls: Calls = {
    double: (number) => number * 2,
    later: async (text) => Promise.resolve(`${text}, later`),
    note: (text) => void noted.push(text),
    fail: () => {
      throw thrown;
    },
  };
  let thrown = new Error('nothing');
  new Channel(far, calls);
  return { near, noted, channel: new Channel<Calls>(near, {}), throws: (error: Error) => void (thrown = error) };
}

test('questions are answered, each with its own answer, and announcements arrive in order', async () => {
  const { channel, noted } = scene();
  channel.tell('note', 'first');
  const answers = [channel.ask('later', 'one'), channel.ask('double', 4), channel.ask('later', 'two')];
  channel.tell('note', 'second');
  expect(await Promise.all(answers)).toEqual(['one, later', 8, 'two, later']);
  expect(noted).toEqual(['first', 'second']);
});

test('what the other side throws is thrown here, with its class and what it tells', async () => {
  const { channel, throws } = scene();
  const failure = () => channel.ask('fail', new Error()).catch((error: unknown) => error);
  throws(new ConfigError('gateway.yaml', ['mounts: is empty']));
  expect(await failure()).toEqual(new ConfigError('gateway.yaml', ['mounts: is empty']));
  const cause = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', address: '::', port: 80 });
  throws(new ListenError('http', cause));
  const error = await failure();
  expect(error).toBeInstanceOf(ListenError);
  expect(error).toMatchObject({
    listener: 'http',
    cause: { message: 'listen EADDRINUSE', code: 'EADDRINUSE', port: 80 },
  });
  throws(new TypeError('something else'));
  expect(await failure()).toEqual(new Error('something else'));
});

test('who waits for a process that goes is told, and who asks one that has gone', async () => {
  const { near } = scene();
  const alone = new Channel<Calls>(Object.assign(near, { send: () => undefined }), {});
  const waiting = alone.ask('double', 1);
  near.emit('disconnect');
  await expect(waiting).rejects.toThrow('has gone');
  await expect(alone.ask('double', 1)).rejects.toThrow('has gone');
  alone.tell('note', 'to nobody');
});
