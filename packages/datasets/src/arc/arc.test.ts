import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { randomStream, type DatasetSource, type TaskAugmentation } from '@eddy/core';
import { trainingBatches, contentOf, writeDataset, type StoredDataset } from '@eddy/core/data';
import { type EddyError } from '@eddy/tensor/errors';
import { datasetSuite } from '@eddy/core/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import arcTransformPlugin from '../arc-transform/arc-transform.plugin.ts';
import arc from './arc.plugin.ts';
import { parseJson, taskOf } from './tasks.ts';

type Json = Record<string, unknown>;

const task = (n: number): Json => ({
  train: [
    { input: [[n, 1]], output: [[1], [n]] },
    { input: [[2, n, 3]], output: [[n]] },
  ],
  test: [{ input: [[n, n]] }],
});
const TRAINING = { aa: task(4), bb: task(5), cc: task(6) };
const EVALUATION = { dd: task(7), ee: task(8) };
const SOLUTIONS = { dd: [[[7]]], ee: [[[8]]] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-arc-'));
  await combined('arc', 'training', TRAINING, { aa: [[[4]]], bb: [[[5]]], cc: [[[6]]] });
  await combined('arc', 'evaluation', EVALUATION, SOLUTIONS);
});
afterAll(() => rm(folder, { recursive: true }));

async function combined(prefix: string, subset: string, tasks: object, solutions?: object) {
  const file = (kind: string) => join(folder, `${prefix}_${subset}_${kind}.json`);
  await writeFile(file('challenges'), JSON.stringify(tasks));
  if (solutions !== undefined) await writeFile(file('solutions'), JSON.stringify(solutions));
}

let said: string[] = [];
function source(options: Json): DatasetSource {
  said = [];
  const notify = (_level: string, text: string) => void said.push(text);
  return arc.create(arc.config.parse(options), { configFolder: folder, notify }) as DatasetSource;
}

const OPTIONS = {
  source: { combined: 'arc' },
  subsets: ['training', 'evaluation'],
  canvas: 5,
};

async function built(options: Json = OPTIONS): Promise<StoredDataset> {
  const data = source(options);
  return writeDataset(
    await mkdtemp(join(folder, 'built-')),
    contentOf(data, new AbortController().signal),
  );
}

datasetSuite({ name: 'arc', create: () => source(OPTIONS) });

describe('arc', () => {
  it('trains on all demonstrations, and on test pairs of subsets that are not tested on', async () => {
    const { metadata, identifiers } = await built();
    expect(metadata.splits).toEqual({
      train: { numGroups: 5, numPuzzles: 5, numExamples: 13, meanPuzzleExamples: 13 / 5 },
      test: { numGroups: 2, numPuzzles: 2, numExamples: 2, meanPuzzleExamples: 1 },
    });
    const names = await identifiers();
    expect(names[0]).toBe('<blank>');
    expect([...names.slice(1, 4)].sort()).toEqual(['aa', 'bb', 'cc']);
    expect([...names.slice(4)].sort()).toEqual(['dd', 'ee']);
  });

  it('reads files with a byte order mark', async () => {
    for (const subset of OPTIONS.subsets) {
      for (const kind of ['challenges', 'solutions']) {
        const text = await readFile(join(folder, `arc_${subset}_${kind}.json`), 'utf8');
        await writeFile(join(folder, `marked_${subset}_${kind}.json`), `\uFEFF${text}`);
      }
    }
    const { metadata } = await built({ ...OPTIONS, source: { combined: 'marked' } });
    expect(metadata).toEqual((await built()).metadata);
  });

  it('reads folders to the same dataset as combined files, whatever lies beside the tasks', async () => {
    const options = { ...OPTIONS, source: { folders: { training: 'tr', evaluation: 'ev' } } };
    const fingerprintOfFolders = () => source(options).fingerprint();
    /** As Jupyter, macOS, editors and archives leave them. */
    const leaveByproducts = async () => {
      const copy = await readFile(join(folder, 'ev', 'deeper', 'dd.json'));
      for (const name of ['.ipynb_checkpoints', '__MACOSX', '.git', 'ff.json']) {
        await mkdir(join(folder, 'ev', name));
        await writeFile(join(folder, 'ev', name, name === 'ff.json' ? 'x.txt' : 'dd-checkpoint.json'), copy); // prettier-ignore
      }
      await writeFile(join(folder, 'ev', 'deeper', '._dd.json'), '\0\u0005\u0016\u0007junk');
      await writeFile(join(folder, 'ev', 'deeper', 'dd.json~'), copy);
      await writeFile(join(folder, 'ev', '.DS_Store'), 'x');
    };
    const write = async (subset: string, name: string, value: object) => {
      await mkdir(join(folder, subset, 'deeper'), { recursive: true });
      await writeFile(join(folder, subset, 'deeper', `${name}.json`), JSON.stringify(value));
    };
    const solved = (value: Json, digit: number) => ({
      ...value,
      test: [{ ...(value['test'] as object[])[0], output: [[digit]] }],
    });
    for (const [name, digit] of [['aa', 4], ['bb', 5], ['cc', 6]] as const) {
      await write('tr', name, solved(task(digit), digit));
    } // prettier-ignore
    for (const [name, digit] of [['dd', 7], ['ee', 8]] as const) {
      await write('ev', name, solved(task(digit), digit));
    } // prettier-ignore
    const folders = await built({
      ...OPTIONS,
      source: { folders: { training: 'tr', evaluation: 'ev' } },
    });
    const files = await built();
    const before = await fingerprintOfFolders();
    await leaveByproducts();
    expect(await fingerprintOfFolders()).toBe(before);
    const beside = await built({
      ...OPTIONS,
      source: { folders: { training: 'tr', evaluation: 'ev' } },
    });
    expect(await beside.identifiers()).toEqual(await files.identifiers());
    expect(await folders.identifiers()).toEqual(await files.identifiers());
    for (const split of ['train', 'test']) {
      expect(await folders.open(split)).toEqual(await files.open(split));
    }
  });

  it('leaves out a task with a grid beyond ARC’s 30, too', async () => {
    const huge = {
      train: [{ input: Array(31).fill([1]), output: [[1]] }],
      test: [{ input: [[1]] }],
    };
    await combined('huge', 'training', { ...TRAINING, ff: huge });
    const options = { ...OPTIONS, source: { combined: 'huge' }, subsets: ['training'], testSubsets: [], canvas: 30 }; // prettier-ignore
    const { metadata } = await built(options);
    expect(metadata.splits['train']!.numGroups).toBe(Object.keys(TRAINING).length);
    expect(said).toContain(
      'arc training: 1 tasks skipped because they are larger than a canvas of 30',
    );
  });

  it('names a file that Git LFS left out', async () => {
    await mkdir(join(folder, 'lfs'), { recursive: true });
    await writeFile(join(folder, 'lfs', 'aa.json'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n'); // prettier-ignore
    const options = { ...OPTIONS, source: { folders: { training: 'lfs' } }, subsets: ['training'], testSubsets: [] }; // prettier-ignore
    await expect(built(options)).rejects.toMatchObject({ code: 'GIT_LFS_POINTER' });
  });

  it('leaves out tasks larger than the canvas, and says how many', async () => {
    await combined('large', 'training', { ...TRAINING, ff: { train: [{ input: [[1, 1, 1, 1, 1, 1]], output: [[1]] }], test: [{ input: [[1]] }] } }); // prettier-ignore
    const options = {
      ...OPTIONS,
      source: { combined: 'large' },
      subsets: ['training'],
      testSubsets: [],
    };
    const { metadata } = await built(options);
    expect(metadata.splits['train']!.numGroups).toBe(3);
    expect(said).toContain(
      'arc training: 1 tasks skipped because they are larger than a canvas of 5',
    );
    await expect(built({ ...options, canvas: 2 })).rejects.toThrow(
      expect.objectContaining({ code: 'NO_TASK_FITS' }) as EddyError,
    );
  });

  it('does not train on outputs that nobody gave, and says so where they are tested', async () => {
    await combined('open', 'training', TRAINING);
    await combined('open', 'evaluation', EVALUATION);
    const { metadata, open } = await built({ ...OPTIONS, source: { combined: 'open' } });
    expect(metadata.splits['train']!.numExamples).toBe(10);
    expect(said.join()).toContain('arc evaluation: 2 tasks without solutions');
    const { labels } = await open('test');
    expect([...labels.subarray(0, 6)]).toEqual([2, 1, 0, 0, 0, 1]);
  });

  it('refuses to train on what it tests on', async () => {
    await combined('leak', 'training2', { ...TRAINING, dd: EVALUATION.dd });
    await combined('leak', 'evaluation', EVALUATION, SOLUTIONS);
    const options = {
      ...OPTIONS,
      source: { combined: 'leak' },
      subsets: ['training2', 'evaluation'],
    };
    await expect(built(options)).rejects.toThrow(
      expect.objectContaining({ code: 'ARC_TASK_TWICE' }) as EddyError,
    );
    // Without a test subset it is but the same task again.
    await combined('leak', 'training', { aa: TRAINING.aa });
    const again = { ...options, subsets: ['training2', 'training'], testSubsets: [] };
    expect((await built(again)).metadata.splits['train']!.numGroups).toBe(4);
    await combined('leak', 'training', { aa: TRAINING.bb });
    await expect(built(again)).rejects.toThrow(
      'two subsets have different tasks with the same name',
    );
  });

  it.each([
    ['no object', [1], '"x"', 'an object'],
    ['no demonstrations', { test: [] }, '"x".train', 'a list of pairs, not empty'],
    ['no output', { train: [{ input: [[1]] }] }, '"x".train[0].output', 'a list of rows, not empty'],
    ['a ragged grid', { train: [{ input: [[1, 2], [3]] }] }, '"x".train[0].input[1]', '2 colours, as in the first row'],
    ['no colour', { train: [{ input: [[1, 10]] }] }, '"x".train[0].input[0][1]', 'a colour from 0 to 9'],
    ['half a colour', { train: [{ input: [[0.5]] }] }, '"x".train[0].input[0][0]', 'a colour from 0 to 9'],
    ['too many rows', { train: [{ input: Array(1025).fill([1]) }] }, '"x".train[0].input', 'at most 1024 rows'],
    ['too many columns', { train: [{ input: [Array(1025).fill(1)] }] }, '"x".train[0].input', 'at most 1024 columns'],
  ])('refuses %s by place', async (_, value, place, expected) => {
    await combined('bad', 'training', { x: value });
    const options = { ...OPTIONS, source: { combined: 'bad' }, subsets: ['training'], testSubsets: [] };
    await expect(built(options)).rejects.toMatchObject({
      code: 'ARC_TASK_INVALID',
      facts: { at: `${join(folder, 'bad_training_challenges.json')} ${place}`, expected },
    });
  }); // prettier-ignore

  it('refuses solutions that do not belong to the tasks', async () => {
    await combined('few', 'training', TRAINING, { aa: [[[4]]] });
    const options = {
      ...OPTIONS,
      source: { combined: 'few' },
      subsets: ['training'],
      testSubsets: [],
    };
    await expect(built(options)).rejects.toMatchObject({
      facts: { at: `${join(folder, 'few_training_solutions.json')} "bb"`, received: 'nothing' },
    });
  });

  it('meets whatever JSON with a task or a place', () => {
    const strange = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ train: fc.jsonValue(), test: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(strange, (text) => {
        try {
          taskOf('x', parseJson(text, 'f.json'), { file: 'f.json', path: '' });
        } catch (error) {
          expect((error as EddyError).code).toBe('ARC_TASK_INVALID');
          expect((error as EddyError).facts.at).toMatch(/^f\.json/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('checks what its options say of one another', () => {
    const problems = (options: Json) => arc.check!(arc.config.parse(options), {});
    expect(problems(OPTIONS)).toEqual([]);
    const paths = (options: Json) => problems(options).map(({ path }) => path.join('.'));
    expect(paths({ source: {} })).toEqual(['source']);
    expect(paths({ ...OPTIONS, subsets: ['training', 'training'] })).toEqual([
      'subsets.1',
      'testSubsets.0',
    ]);
    expect(
      paths({ source: { folders: { training: 'x' } }, subsets: ['training', 'evaluation'] }),
    ).toEqual(['source.folders']);
  });
});

function augmentation(dataset: StoredDataset, options: Json): TaskAugmentation {
  const parsed = arcTransformPlugin.config.parse(options);
  return arcTransformPlugin.create(parsed, { dataset: dataset.metadata }) as TaskAugmentation;
}

describe('arc-transform', () => {
  it('refuses other datasets', async () => {
    const { metadata } = await built();
    const options = arcTransformPlugin.config.parse({});
    expect(() =>
      arcTransformPlugin.create(options, { dataset: { ...metadata, task: 'maze' } }),
    ).toThrow(expect.objectContaining({ code: 'NOT_ARC' }) as EddyError);
  });

  it('renders the original in the corner, and moves examples of train only', async () => {
    const dataset = await built();
    const transform = augmentation(dataset, { numVersions: 3 });
    const split = await dataset.open('train');
    const original = { input: split.inputs.slice(0, 25), label: split.labels.slice(0, 25) };
    const rendered = (name: string, index: number, seed: number) =>
      transform.render(original, { code: 0, split: name, index, numExamples: 2, random: randomStream(seed) }); // prettier-ignore
    expect(rendered('test', 0, 1)).toEqual(original);
    let moved = 0;
    for (let seed = 0; seed < 40; seed++) {
      const pair = [0, 1].map((index) => String(rendered('train', index, seed).input));
      expect(pair).toContain(String(original.input)); // one of the two stays
      moved += pair.filter((tokens) => tokens !== String(original.input)).length;
    }
    expect(moved).toBeGreaterThan(20);
    const still = augmentation(dataset, { translate: false });
    expect(still.render(original, { code: 0, split: 'train', index: 0, numExamples: 2, random: randomStream(0) })).toEqual(original); // prettier-ignore
  });

  it('leaves the canonical key of an example alone', async () => {
    const dataset = await built();
    const { canonicalKey } = source(OPTIONS).symmetries!;
    const transform = augmentation(dataset, {});
    const split = await dataset.open('train');
    const original = { input: split.inputs.slice(0, 25), label: split.labels.slice(0, 25) };
    for (let code = 0; code < 2_000_000; code += 54_321) {
      const version = {
        code,
        split: 'train',
        index: 0,
        numExamples: 9,
        random: randomStream(code),
      };
      expect(canonicalKey(transform.render(original, version))).toBe(canonicalKey(original));
    }
  });

  it('shows a split as many versions as it is told', async () => {
    const transform = augmentation(await built(), { numVersions: 9, numTestVersions: 4 });
    expect([transform.numVersions('train'), transform.numVersions('test')]).toEqual([9, 4]);
  });
});

const dataFolder = resolve(
  import.meta.dirname,
  '../../../..',
  process.env['EDDY_DATA'] ?? '../shared/data',
);
const kaggle = join(dataFolder, 'arc-kaggle-combined');

describe(`real tasks in ${kaggle}`, () => {
  beforeEach(({ skip }) =>
    skip(!existsSync(kaggle), `no real data: ${kaggle} is absent (set EDDY_DATA)`),
  );

  it('ARC-AGI-1 has the published sizes', async () => {
    const { metadata, open } = await built({ source: { combined: join(kaggle, 'arc-agi') } });
    expect(metadata.numPuzzleIdentifiers).toBe(961);
    expect(metadata.splits).toMatchObject({
      // Demonstrations of 960 tasks, and the test pairs of training and concept.
      train: { numGroups: 960, numExamples: 1302 + 416 + 1363 + 427 + 480 },
      test: { numGroups: 400, numExamples: 419 },
    });
    const batches = trainingBatches({ split: await open('train'), metadata, random: randomStream(0), globalBatchSize: 64, epochs: 1 }); // prettier-ignore
    expect([...batches].length).toBeGreaterThan(50);
  });

  it('finds the ARC-AGI-1 evaluation tasks inside ARC-AGI-2 training', async () => {
    const subsets = ['training2', 'evaluation'];
    await expect(
      built({ source: { combined: join(kaggle, 'arc-agi') }, subsets }),
    ).rejects.toMatchObject({
      code: 'ARC_TASK_TWICE',
      facts: { received: '376 in training2 and evaluation' },
    });
  });

  it('finds them by their pairs too, whatever their names', async () => {
    const options = (subset: string) => ({
      source: { combined: join(kaggle, 'arc-agi') },
      subsets: [subset],
      testSubsets: [],
    });
    const { canonicalKey } = source(options('training2')).symmetries!;
    const keysOf = async (subset: string) => {
      const { open } = await built(options(subset));
      const split = await open('train');
      return Array.from({ length: split.groupIndices.length - 1 }, (_, task) => {
        const keys: string[] = [];
        for (let i = split.puzzleIndices[task]!; i < split.puzzleIndices[task + 1]!; i++) {
          const tokens = (all: Uint8Array) => all.subarray(i * 900, (i + 1) * 900);
          keys.push(canonicalKey({ input: tokens(split.inputs), label: tokens(split.labels) }));
        }
        return keys;
      });
    };
    const training = new Set((await keysOf('training2')).flat());
    const inside = (await keysOf('evaluation')).filter((keys) =>
      keys.some((key) => training.has(key)),
    );
    expect(inside.length).toBeGreaterThanOrEqual(376);
    expect(inside.length).toBeLessThan(400);
  });
});
