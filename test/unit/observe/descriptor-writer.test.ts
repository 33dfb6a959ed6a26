import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DescriptorWriter } from '../../../src/observe/descriptor-writer';
import { temporaryFolder } from '../../support/gateway';

test('lines that several processes write to one pipe stay whole, also where it is full again and again', async () => {
  const file = path.join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [file]);
  const fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  // As far as the pipe goes, two writers are two processes.
  const writers = ['a', 'b'].map((name) => ({ name, writer: new DescriptorWriter(fd) }));
  const expected: string[] = [];
  for (let nth = 0; nth < 500; nth++) {
    for (const { name, writer } of writers) {
      const line = `${name}${nth} ${name.repeat((nth * 37) % 900)}é`;
      expected.push(line);
      writer.write(`${line}\n`);
    }
  }
  const bytes: Buffer[] = [];
  const piece = Buffer.alloc(10_000);
  const wanted = Buffer.byteLength(expected.join('\n')) + 1;
  for (let read = 0; read < wanted;) {
    await pause(1);
    try {
      const length = fs.readSync(fd, piece);
      bytes.push(Buffer.from(piece.subarray(0, length)));
      read += length;
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
    }
  }
  fs.closeSync(fd);
  const lines = Buffer.concat(bytes).toString().trimEnd().split('\n');
  expect(lines.toSorted()).toEqual(expected.toSorted());
  expect(lines.filter((line) => line.startsWith('a'))).toEqual(expected.filter((line) => line.startsWith('a')));
});
