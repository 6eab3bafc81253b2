/** puzzle_dataset: the reference's loader on its own dataset folders. */
import { evaluationBatches, trainingBatches } from '@eddy/core/data';
import { randomStream, type DatasetMetadata, type HostBatch, type Split } from '@eddy/core';

import type { CaseHandler } from '../case-handler.ts';
import { assertEqual } from '../compare.ts';
import type { Fixture } from '../fixture.ts';
import { readReferenceDataset, type ReferenceDataset } from '../reference-dataset.ts';

/** Where the README of the fixtures says each dataset lies. */
const ARCHIVES: Record<string, string> = { arc_out: 'dataset_arc' };
const archiveOf = (dataset: string) => `${ARCHIVES[dataset] ?? `dataset_${dataset}`}.tar.gz`;

export const handler: CaseHandler = {
  matches: (name) => name === 'puzzle_dataset',
  async run(fixture) {
    for (const [name, config] of Object.entries(fixture.json.config)) {
      await checkSequence(fixture, name, config as SequenceConfig);
    }
    await checkSampleBatch(fixture);
  },
};

interface SequenceConfig {
  readonly split: string;
  readonly test_set_mode: boolean;
  readonly global_batch_size: number;
  readonly num_replicas: number;
  readonly epochs_per_iter: number;
  readonly datasets: readonly string[];
}

interface StatedBatch {
  readonly pass_: number;
  readonly effective_global_batch: number;
  readonly rows_with_no_label: number;
  readonly puzzle_identifiers: readonly number[];
  readonly n_ignored: number;
}

async function checkSequence(
  fixture: Fixture,
  name: string,
  config: SequenceConfig,
): Promise<void> {
  const ranks: readonly (readonly StatedBatch[])[] = fixture.json.sequences[name];
  const datasets = await Promise.all(
    config.datasets.map((dataset) =>
      readReferenceDataset(fixture.file(archiveOf(dataset)), config.split),
    ),
  );
  const passes = 1 + Math.max(...ranks.flat().map((batch) => batch.pass_));
  // Several datasets are visited one after another in every pass.
  const batches = Array.from({ length: passes }, (_, pass) =>
    datasets.flatMap((dataset) => batchesOfPass(dataset, config, pass)),
  ).flat();
  const singleExamples = datasets.every(({ metadata, split }) =>
    [metadata.splits[split.name]!].every((sizes) => sizes.numExamples === sizes.numPuzzles),
  );
  ranks.forEach((stated, rank) => {
    // Where puzzles have several examples, the number of training batches is itself drawn.
    if ((config.test_set_mode || singleExamples) && batches.length !== stated.length) {
      throw new Error(`${name}: ${batches.length} batches, expected ${stated.length}`);
    }
    batches.forEach((batch, index) => {
      const mine = sliceOfRank(batch, rank, config.num_replicas);
      const what = `${name} rank ${rank} batch ${index}`;
      checkRows(what, mine, datasets);
      if (config.test_set_mode) checkTestBatch(fixture, name, { rank, index, stated, batch, mine });
    });
    if (!config.test_set_mode) checkReferenceRows(fixture, `${name}/rank${rank}`, datasets);
  });
}

function batchesOfPass(
  { split, metadata }: ReferenceDataset,
  config: SequenceConfig,
  pass: number,
): HostBatch[] {
  const { global_batch_size: globalBatchSize, epochs_per_iter: epochs } = config;
  return config.test_set_mode
    ? [...evaluationBatches({ split, metadata, batchSize: globalBatchSize })]
    : [
        ...trainingBatches({
          split,
          metadata,
          random: randomStream(pass),
          globalBatchSize,
          epochs,
        }),
      ];
}

function sliceOfRank(batch: HostBatch, rank: number, ranks: number): HostBatch {
  const rows = batch.puzzleIdentifiers.length / ranks;
  const seqLen = batch.inputs.length / batch.puzzleIdentifiers.length;
  const slice = (tokens: Int32Array, width: number) =>
    tokens.subarray(rank * rows * width, (rank + 1) * rows * width);
  return {
    inputs: slice(batch.inputs, seqLen),
    labels: slice(batch.labels, seqLen),
    puzzleIdentifiers: slice(batch.puzzleIdentifiers, 1),
    count: Math.min(rows, Math.max(0, batch.count - rank * rows)),
  };
}

function checkTestBatch(
  fixture: Fixture,
  name: string,
  at: {
    readonly rank: number;
    readonly index: number;
    readonly stated: readonly StatedBatch[];
    readonly batch: HostBatch;
    readonly mine: HostBatch;
  },
): void {
  const { rank, index, mine } = at;
  const expected = at.stated[index]!;
  const prefix = `${name}/rank${rank}/batch${index}`;
  const ignored = mine.labels.filter((label) => label === -100).length;
  const rows = mine.puzzleIdentifiers.length;
  const actual = [at.batch.count, ignored, rows - mine.count];
  assertEqual(`${prefix} count, ignored labels, padding rows`, actual, [
    expected.effective_global_batch,
    expected.n_ignored,
    expected.rows_with_no_label,
  ]);
  assertEqual(`${prefix} ids`, mine.puzzleIdentifiers, expected.puzzle_identifiers);
  if (!fixture.has(`${prefix}/inputs`)) return;
  assertEqual(`${prefix} inputs`, mine.inputs, fixture.tensor(`${prefix}/inputs`));
  assertEqual(`${prefix} labels`, mine.labels, fixture.tensor(`${prefix}/labels`));
}

/** Every real row is an example of the data with the identifier of its puzzle. */
function checkRows(what: string, batch: HostBatch, datasets: readonly ReferenceDataset[]): void {
  const known = new Set(datasets.flatMap(({ split, metadata }) => [...rowKeys(split, metadata)]));
  const seqLen = batch.inputs.length / batch.puzzleIdentifiers.length;
  for (let row = 0; row < batch.count; row++) {
    const tokens = (all: Int32Array) => all.subarray(row * seqLen, (row + 1) * seqLen);
    const key = `${batch.puzzleIdentifiers[row]}:${tokens(batch.inputs)}:${tokens(batch.labels)}`;
    if (!known.has(key)) throw new Error(`${what}: row ${row} is no example of the data`);
  }
}

const keysBySplit = new WeakMap<Split, readonly string[]>();

function rowKeys(split: Split, metadata: DatasetMetadata): readonly string[] {
  const cached = keysBySplit.get(split);
  if (cached !== undefined) return cached;
  const keys: string[] = [];
  for (let puzzle = 0; puzzle < split.puzzleIdentifiers.length; puzzle++) {
    for (let i = split.puzzleIndices[puzzle]!; i < split.puzzleIndices[puzzle + 1]!; i++) {
      const range = [i * split.seqLen, (i + 1) * split.seqLen] as const;
      const labels = Int32Array.from(split.labels.subarray(...range), (label) =>
        label === metadata.ignoreLabelId ? -100 : label,
      );
      keys.push(`${split.puzzleIdentifiers[puzzle]}:${split.inputs.subarray(...range)}:${labels}`);
    }
  }
  keysBySplit.set(split, keys);
  return keys;
}

/** The reference's own training batches pass the same test, so that the test means something. */
function checkReferenceRows(
  fixture: Fixture,
  prefix: string,
  datasets: readonly ReferenceDataset[],
): void {
  for (let index = 0; fixture.has(`${prefix}/batch${index}/inputs`); index++) {
    const read = (column: string) =>
      Int32Array.from(fixture.tensor(`${prefix}/batch${index}/${column}`).data);
    const puzzleIdentifiers = read('puzzle_identifiers');
    const batch = {
      inputs: read('inputs'),
      labels: read('labels'),
      puzzleIdentifiers,
      count: puzzleIdentifiers.length,
    };
    checkRows(`${prefix} batch ${index}`, batch, datasets);
  }
}

/** One row of a batch: which puzzle, which example. */
interface Drawn {
  readonly puzzle: number;
  readonly example: number;
}

/** sample_batch: the shape of the reference's draws, which ours must have too. */
async function checkSampleBatch(fixture: Fixture): Promise<void> {
  const stated = fixture.json.sample_batch;
  const puzzleIndices = Int32Array.from(stated.puzzle_indices as number[]);
  const groupIndices = Int32Array.from(stated.group_indices as number[]);
  const numExamples = puzzleIndices.at(-1)!;
  const layout = { puzzleIndices, groupIndices };
  const reference = (stated.calls as { example_indices: number[]; puzzle_indices: number[] }[]).map(
    (call) =>
      call.example_indices.map((example, row) => ({ example, puzzle: call.puzzle_indices[row]! })),
  );
  const visited = visitedGroups(reference, stated.global_batch_size, layout);
  assertEqual('sample_batch groups', visited, stated.group_order as number[]);

  // Tokens and identifiers that tell the example and the puzzle.
  const split: Split = {
    name: 'train',
    seqLen: 1,
    inputs: Uint8Array.from({ length: numExamples }, (_, example) => example),
    labels: new Uint8Array(numExamples),
    ratings: null,
    puzzleIdentifiers: Int32Array.from({ length: puzzleIndices.length - 1 }, (_, p) => p),
    ...layout,
  };
  const { metadata } = await readReferenceDataset(fixture.file(archiveOf('sudoku_plain')), 'train');
  const numGroups = groupIndices.length - 1;
  for (let seed = 0; seed < 50; seed++) {
    const random = randomStream(seed);
    const globalBatchSize: number = stated.global_batch_size;
    const options = { split, metadata, random, globalBatchSize, epochs: 40 };
    const ours = Array.from(trainingBatches(options), (batch) =>
      Array.from(batch.inputs, (example, row) => ({
        example,
        puzzle: batch.puzzleIdentifiers[row]!,
      })),
    );
    const groups = visitedGroups(ours, globalBatchSize, layout);
    for (let first = 0; first + numGroups <= groups.length; first += numGroups) {
      const epoch = groups.slice(first, first + numGroups).sort((a, b) => a - b);
      assertEqual(
        `epoch of seed ${seed}`,
        epoch,
        epoch.map((_, group) => group),
      );
    }
  }
}

/**
 * Reads batches as visits: each takes min(size, room) different examples of one puzzle. Returns the
 * groups in the order of the visits.
 */
function visitedGroups(
  batches: readonly (readonly Drawn[])[],
  batchSize: number,
  layout: Pick<Split, 'puzzleIndices' | 'groupIndices'>,
): number[] {
  const groups: number[] = [];
  batches.forEach((rows, index) => {
    for (let row = 0; row < rows.length;) {
      const { puzzle } = rows[row]!;
      const [from, to] = [layout.puzzleIndices[puzzle]!, layout.puzzleIndices[puzzle + 1]!];
      const visit = rows.slice(row, row + Math.min(to - from, batchSize - row));
      const examples = new Set(visit.map(({ example }) => example));
      const within = visit.every(
        (drawn) => drawn.puzzle === puzzle && drawn.example >= from && drawn.example < to,
      );
      if (!within || examples.size !== visit.length) {
        throw new Error(`batch ${index}, row ${row}: not a visit of puzzle ${puzzle}`);
      }
      groups.push(layout.groupIndices.findLastIndex((first) => first <= puzzle));
      row += visit.length;
    }
  });
  return groups;
}
