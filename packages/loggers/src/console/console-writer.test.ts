import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';

import { expect, it } from 'vitest';

import { ConsoleWriter } from './console-writer.ts';

/** A stream as those of a process are, whose writes end as `fate` says; `waits` never end. */
function stream(fate: (text: string) => NodeJS.ErrnoException | 'waits' | null) {
  let arrived = '';
  const writable = Object.assign(new EventEmitter(), {
    writableLength: 0,
    write(text: string, done: (error: Error | null) => void) {
      const end = fate(text);
      if (end === null) arrived += text;
      if (end === 'waits') writable.writableLength += text.length;
      else setImmediate(done, end);
      if (end instanceof Error) setImmediate(() => writable.emit('error', end));
    },
  });
  return { writable: writable as unknown as NodeJS.WritableStream, arrived: () => arrived };
}

const failure = (code: string) => Object.assign(new Error(`write ${code}`), { code });

it('writes and ends in peace', async () => {
  const { writable, arrived } = stream(() => null);
  const writer = new ConsoleWriter(writable);
  writer.lines(['a', 'b']);
  writer.lines([]);
  await writer.close();
  expect(arrived()).toBe('a\nb\n');
});

it('counts the lines that a full disk took, and goes on when it is free again', async () => {
  const { writable, arrived } = stream((text) => (text.includes('bad') ? failure('ENOSPC') : null));
  const writer = new ConsoleWriter(writable);
  for (const line of ['good', 'bad', 'bad\nbad', 'good']) {
    writer.lines(line.split('\n'));
    await new Promise(setImmediate);
  }
  await expect(writer.close()).rejects.toThrow('3 lines could not be written: write ENOSPC');
  expect(arrived()).toBe('good\ngood\n');
});

it.each(['EIO', 'EPIPE'])('writes no more to a stream that is gone (%s)', async (code) => {
  let writes = 0;
  const { writable } = stream(() => {
    writes += 1;
    return failure(code);
  });
  const writer = new ConsoleWriter(writable);
  for (let i = 0; i < 10; i++) {
    writer.lines(['line']);
    writer.write('frame');
    await new Promise(setImmediate);
  }
  await expect(writer.close()).rejects.toThrow(`10 lines could not be written: write ${code}`);
  expect(writes).toBeLessThan(4);
});

it('keeps no more than a mebibyte for a reader that does not read', async () => {
  const { writable } = stream(() => 'waits');
  const writer = new ConsoleWriter(writable, 20);
  const line = 'x'.repeat(1000);
  for (let i = 0; i < 3000; i++) writer.lines([line]);
  expect((writable as unknown as Writable).writableLength).toBeLessThan(1.1 * 2 ** 20);
  await expect(writer.close()).rejects.toThrow('3000 lines could not be written: nobody read them');
});

it('never waits for a terminal, and leaves it as it was', async () => {
  const blocking: boolean[] = [];
  const { writable } = stream(() => null);
  const _handle = { setBlocking: (value: boolean) => void blocking.push(value) };
  const writer = new ConsoleWriter(Object.assign(writable, { isTTY: true, _handle }));
  expect(blocking).toEqual([false]);
  await writer.close();
  expect(blocking).toEqual([false, true]);
});
