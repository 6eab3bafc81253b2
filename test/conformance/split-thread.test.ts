/** Splits that a thread writes: the same files as without it, the same errors. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { openDataset, writeDataset } from '@eddy/core/data';
import type { StreamedGroup } from '@eddy/core';
import { freshFolder } from '@eddy/core/testing';
import { describe, expect, it } from 'vitest';

// `writeDataset` chooses it by size; it has no other public face.
import { openSplitFile } from '../../packages/core/src/data/split-file.ts';
import { SplitThread } from '../../packages/core/src/data/split-thread.ts';

const SEQ_LEN = 900;
const VOCABULARY = 12;
/** 72 MB of tokens: more than what a thread is started for. */
const EXAMPLES = 40_000;
const FULL_DISK = '/dev/full';

const folder = freshFolder();

const metadata = {
  vocabSize: VOCABULARY,
  seqLen: SEQ_LEN,
  grid: { rows: 30, cols: 30 },
  task: 'example',
  padId: 0,
  ignoreLabelId: 0,
  blankIdentifierId: 0,
};

/** Tokens that differ from one example to the next; written over, as augmentations do. */
async function* groups(stray?: { readonly example: number }): AsyncGenerator<StreamedGroup> {
  const [input, label] = [new Uint8Array(SEQ_LEN), new Uint8Array(SEQ_LEN)];
  for (let i = 0; i < EXAMPLES; i++) {
    if (i % 1000 === 0) await Promise.resolve();
    input.fill(i % VOCABULARY, 0, 1 + (i % SEQ_LEN));
    label.fill((i >> 4) % VOCABULARY, i % SEQ_LEN);
    label[5] = i === stray?.example ? 200 : 1;
    yield { puzzles: [{ identifier: i % 7, examples: [{ input, label, rating: i }] }] };
  }
}

function write(name: string, isSizeKnown: boolean, stray?: { readonly example: number }) {
  return writeDataset(join(folder.path, name), {
    metadata,
    splits: ['train'],
    groups: () => groups(stray),
    ...(isSizeKnown ? { numExamples: () => EXAMPLES } : {}),
    identifiers: () => ['<blank>'],
  });
}

const sha256 = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

describe('a large split', () => {
  it('is the same file with a thread and without', async () => {
    const threaded = await write('threaded', true);
    await write('here', false);
    const filesOf = async (name: string) => ({
      arrow: await sha256(join(folder.path, name, 'train.arrow')),
      metadata: JSON.parse(await readFile(join(folder.path, name, 'dataset.json'), 'utf8')) as {
        sha256: { train: string };
      },
    });
    const files = await filesOf('threaded');
    expect(files).toEqual(await filesOf('here'));
    expect(files.metadata.sha256.train).toBe(files.arrow);
    const split = await threaded.open('train');
    expect(split.ratings!.at(-1)).toBe(EXAMPLES - 1);
    expect(split.puzzleIdentifiers[13]).toBe(6);
  });

  it.each([0, 1164, 1165, 20_000, EXAMPLES - 1])(
    'with a stray token in example %i is refused',
    async (example) => {
      for (const isSizeKnown of [true, false]) {
        await expect(write('stray', isSizeKnown, { example })).rejects.toMatchObject({
          code: 'EXAMPLE_REFUSED',
          facts: {
            at: `split train, example ${example}`,
            expected: `label below ${VOCABULARY}`,
            received: 'token 200 at position 5',
          },
        });
      }
      await expect(openDataset(join(folder.path, 'stray'))).rejects.toMatchObject({
        code: 'DATASET_DAMAGED',
      });
    },
  );

  it('on a full disk fails as without a thread, and leaves no dataset', async ({ skip }) => {
    if (!existsSync(FULL_DISK)) skip(`no ${FULL_DISK} here`);
    await mkdir(join(folder.path, 'full'));
    await symlink(FULL_DISK, join(folder.path, 'full', 'train.arrow'));
    const failures = await Promise.all(
      [true, false].map((isSizeKnown) =>
        write('full', isSizeKnown).catch((error: unknown) => error),
      ),
    );
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(Error);
      expect(failure).toMatchObject({
        code: 'ENOSPC',
        message: expect.stringMatching(/^ENOSPC: no space left on device, write/) as string,
        syscall: expect.stringMatching(/^write/) as string,
      });
    }
    await expect(openDataset(join(folder.path, 'full'))).rejects.toMatchObject({
      code: 'DATASET_DAMAGED',
    });
  });

  it('where no file can be opened fails as without a thread', async () => {
    await mkdir(join(folder.path, 'blocked', 'train.arrow'), { recursive: true });
    for (const isSizeKnown of [true, false]) {
      await expect(write('blocked', isSizeKnown)).rejects.toMatchObject({
        code: 'EISDIR',
        path: join(folder.path, 'blocked', 'train.arrow'),
      });
    }
  });
});

describe('SplitThread', () => {
  const batchOf = (bytes: number) => {
    const tokens = Uint8Array.from({ length: bytes }, (_, i) => i % VOCABULARY);
    return { chunks: [Uint8Array.of(254, 255), tokens], tokens: [tokens] };
  };

  it('writes one file after another, whatever its batches are views of', async () => {
    const thread = new SplitThread();
    try {
      for (const name of ['a', 'b']) {
        const file = thread.open(join(folder.path, name), VOCABULARY);
        const batches = [batchOf(1001), batchOf(50)];
        const written = batches.map((batch) => file.write(batch));
        expect(await Promise.all(written)).toEqual([undefined, undefined]);
        const digest = await file.finish();
        await file.close();
        expect(digest).toBe(await sha256(join(folder.path, name)));
        const expected = Buffer.concat(batches.flatMap(({ chunks }) => chunks));
        expect(expected.equals(await readFile(join(folder.path, name)))).toBe(true);
      }
    } finally {
      await thread.end();
    }
  });

  it('that is ended answers what was asked, and what is asked later', async () => {
    const thread = new SplitThread();
    const file = thread.open(join(folder.path, 'a'), VOCABULARY);
    const written = file.write(batchOf(1 << 24));
    const ended = expect(written).rejects.toMatchObject({ code: 'INTERNAL' });
    await thread.end();
    await ended;
    await expect(file.finish()).rejects.toMatchObject({ code: 'INTERNAL' });
    await file.close();
  });

  it('says what the disk said first, also at the end', async ({ skip }) => {
    if (!existsSync(FULL_DISK)) skip(`no ${FULL_DISK} here`);
    const file = await openSplitFile(FULL_DISK, VOCABULARY);
    const failed = [file.write(batchOf(10)), file.write(batchOf(10)), file.finish()];
    for (const outcome of await Promise.allSettled(failed)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ENOSPC' } });
    }
    await file.close();
  });
});
