import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { exampleMetadata, numberedGroups } from '../testing/example-dataset.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { writeSplit } from './arrow-writer.ts';
import { SplitThread } from './split-thread.ts';

const folder = freshFolder();

/** A build with a thread that does what the code says, instead of writing. */
async function buildWith(code: string): Promise<unknown> {
  const entry = join(folder.path, `${randomUUID()}.cjs`);
  await writeFile(entry, `const { parentPort: port } = require('node:worker_threads');\n${code}`);
  const thread = new SplitThread(() => entry);
  try {
    return await writeSplit(thread.open(join(folder.path, 'train.arrow'), 11), {
      split: 'train',
      metadata: exampleMetadata,
      groups: streamed(numberedGroups([[3, 2], [1]])),
      progress: () => undefined,
    });
  } finally {
    await thread.end();
  }
}

async function* streamed<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

describe('a build whose writing thread fails', () => {
  it.each([
    ['as it is loaded', `throw new RangeError('no memory');`],
    [
      'at a batch',
      `port.on('message', (request) => {
        if ('write' in request) throw new RangeError('no memory');
        port.postMessage({ done: undefined });
      });`,
    ],
    [
      'as it closes the file',
      `port.on('message', (request) => {
        if ('close' in request) throw new RangeError('no memory');
        port.postMessage({ done: 'finish' in request ? 'digest' : undefined });
      });`,
    ],
  ])('%s, fails with its error', async (_, code) => {
    await expect(buildWith(code)).rejects.toMatchObject({
      name: 'RangeError',
      message: 'no memory',
    });
  });

  it('with an answer on its way, which may come later than the error, fails with the error', async () => {
    const code = `port.on('message', (request) => {
      if (!('write' in request)) return;
      setImmediate(() => {
        port.postMessage({ done: undefined });
        throw new RangeError('no memory');
      });
    });`;
    const builds = Array.from({ length: 10 }, () => buildWith(code));
    for (const { status, ...build } of await Promise.allSettled(builds)) {
      expect(status).toBe('rejected');
      expect(build).toMatchObject({ reason: { name: 'RangeError', message: 'no memory' } });
    }
  });

  it('by ending without a word, fails too', async () => {
    await expect(buildWith(`port.on('message', () => process.exit(3));`)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'internal: the thread that writes splits ended with 3',
    });
  });
});
