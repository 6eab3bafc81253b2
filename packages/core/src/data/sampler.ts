/**
 * Training batches in the reference's order: an iteration is `epochsPerIteration` epochs whose
 * permutations of the groups are joined; each visit of a group takes one of its puzzles, and of that
 * puzzle as many examples as the batch has room for, without replacement. What is left of a puzzle,
 * and an incomplete batch at the end of an iteration, is dropped.
 *
 * Order is a function of (seed, epoch) through counter-based streams, so any step can be reached
 * without a saved generator state.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 puzzle_dataset.py `_iter_train`, except
 * that its example draw uses a global generator.
 */
import type { RandomStream } from '../random/random-stream.ts';
import { BatchBuffers } from './batch-buffers.ts';
import { collate, type Rows } from './collate.ts';
import type { DatasetMetadata, HostBatch, Split } from '../contracts/dataset.ts';
import { iterationWithoutBatch } from './errors.ts';
import { versionedSplit, type AttachedAugmentation } from './versioned-split.ts';
import type { VersionedSplit } from '../contracts/versioned-split.ts';

export interface TrainingBatchesOptions {
  readonly split: Split;
  readonly metadata: DatasetMetadata;
  readonly random: RandomStream;
  readonly globalBatchSize: number;
  readonly epochs: number;
  /** Epochs between evaluations (`evalInterval`); all epochs by default. */
  readonly epochsPerIteration?: number;
  /** Steps already done: the first batch is that of step `startStep + 1`. */
  readonly startStep?: number;
  /** Applied on the fly; version 0 is the original. */
  readonly augmentation?: AttachedAugmentation;
  /** Where arrays come from; who reads the batches gives them back. Fresh ones by default. */
  readonly buffers?: BatchBuffers;
}

export interface TrainingBatch extends HostBatch {
  /** 1-based. */
  readonly step: number;
  /** 0-based epoch of the last row. */
  readonly epoch: number;
  /** 0-based iteration. */
  readonly iteration: number;
  /** No more batches in this iteration: time to evaluate. */
  readonly endsIteration: boolean;
}

/**
 * Steps the learning rate schedule is laid out for:
 *
 *   floor(epochs · groups · mean examples a puzzle / globalBatchSize)
 *
 * The sampler may end a few steps earlier, because every iteration drops its incomplete batch.
 */
export function totalSteps(options: {
  readonly epochs: number;
  readonly metadata: DatasetMetadata;
  readonly globalBatchSize: number;
  /** `train` by default. */
  readonly split?: string;
}): number {
  const split = options.metadata.splits[options.split ?? 'train'];
  if (split === undefined) return 0;
  return Math.floor(
    (options.epochs * split.numGroups * split.meanPuzzleExamples) / options.globalBatchSize,
  );
}

/**
 * The batches of a training run, from any step on.
 *
 * Starting late costs arithmetic and at most one epoch of draws where every puzzle has one example
 * (sudoku, maze); elsewhere the batches before are replayed without their tokens (some 20 million
 * rows a second).
 *
 * @throws ITERATION_WITHOUT_BATCH when an iteration cannot fill a single batch.
 */
export function* trainingBatches(options: TrainingBatchesOptions): Generator<TrainingBatch> {
  const { split, globalBatchSize, epochs, buffers = new BatchBuffers() } = options;
  const versioned = versionedSplit(split, options.augmentation);
  const epochsPerIteration = Math.min(options.epochsPerIteration ?? epochs, epochs);
  const start = startOf(options, epochsPerIteration);
  let step = start.step;
  let current = rowsOf(globalBatchSize);
  let next = rowsOf(globalBatchSize);

  for (let iteration = start.iteration; iteration * epochsPerIteration < epochs; iteration++) {
    const firstEpoch = iteration * epochsPerIteration;
    const planner = new IterationPlanner(
      versioned,
      options.random,
      firstEpoch,
      Math.min(firstEpoch + epochsPerIteration, epochs),
    );
    if (iteration === start.iteration) planner.skipVisits(start.visits);
    let whole = planner.fill(current);
    if (!whole && iteration === 0 && start.visits === 0) {
      const numGroups = split.groupIndices.length - 1;
      const sizes = { globalBatchSize, epochsPerIteration };
      throw iterationWithoutBatch({ split: split.name, numGroups, ...sizes });
    }
    while (whole) {
      const epoch = planner.epoch;
      // One batch ahead, to know whether this one is the iteration's last.
      whole = planner.fill(next);
      step += 1;
      if (step > (options.startStep ?? 0)) {
        const batch = collate(versioned, options.metadata, current, buffers);
        yield { ...batch, step, epoch, iteration, endsIteration: !whole };
      }
      [current, next] = [next, current];
    }
  }
}

/** Where to begin so that no batch before `startStep` needs planning, as far as arithmetic can tell. */
function startOf(
  options: TrainingBatchesOptions,
  epochsPerIteration: number,
): { step: number; iteration: number; visits: number } {
  const startStep = options.startStep ?? 0;
  const numGroups = options.split.groupIndices.length - 1;
  const stepsPerIteration = Math.floor((numGroups * epochsPerIteration) / options.globalBatchSize);
  if (startStep === 0 || stepsPerIteration === 0 || !hasOneExampleAPuzzle(options.split)) {
    return { step: 0, iteration: 0, visits: 0 };
  }
  const iteration = Math.floor(startStep / stepsPerIteration);
  const visits = (startStep % stepsPerIteration) * options.globalBatchSize;
  return { step: startStep, iteration, visits };
}

function hasOneExampleAPuzzle(split: Split): boolean {
  return split.puzzleIndices.every((offset, puzzle) => offset === puzzle);
}

function rowsOf(count: number): Rows {
  return {
    count,
    examples: new Int32Array(count),
    puzzles: new Int32Array(count),
    groups: new Int32Array(count),
    versions: new Int32Array(count),
  };
}

/** Chooses the rows of the batches of one iteration. */
class IterationPlanner {
  readonly #versioned: VersionedSplit;
  readonly #split: Split;
  readonly #random: RandomStream;
  readonly #endEpoch: number;
  readonly #numGroups: number;
  readonly #chosen: Int32Array;
  #epoch: number;
  #order: Int32Array;
  #position = 0;
  #puzzleDraws: RandomStream;
  #exampleDraws: RandomStream;
  #puzzle = 0;
  #group = 0;
  #version = 0;

  constructor(
    versioned: VersionedSplit,
    random: RandomStream,
    firstEpoch: number,
    endEpoch: number,
  ) {
    this.#versioned = versioned;
    this.#split = versioned.split;
    this.#random = random;
    this.#endEpoch = endEpoch;
    this.#numGroups = this.#split.groupIndices.length - 1;
    this.#chosen = new Int32Array(largestPuzzle(this.#split));
    this.#epoch = firstEpoch;
    this.#order = random.stream('order', firstEpoch).permutation(this.#numGroups);
    this.#puzzleDraws = random.stream('puzzle', firstEpoch);
    this.#exampleDraws = random.stream('examples', firstEpoch);
  }

  /** Epoch of the last row that was planned. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Passes over visits of groups; right only where every puzzle has one example. */
  skipVisits(visits: number): void {
    // At a border it stays at the end of the epoch before: the iteration may end there too.
    const epochs = Math.max(0, Math.ceil(visits / this.#numGroups) - 1);
    if (epochs > 0) this.#startEpoch(this.#epoch + epochs);
    for (let i = epochs * this.#numGroups; i < visits; i++) this.#visit();
  }

  /** Plans one batch; false when the iteration ends before it is full. */
  fill(rows: Rows): boolean {
    let filled = 0;
    while (filled < rows.count) {
      if (this.#position === this.#numGroups) {
        if (this.#epoch + 1 >= this.#endEpoch) return false;
        this.#startEpoch(this.#epoch + 1);
      }
      this.#visit();
      const first = this.#split.puzzleIndices[this.#puzzle]!;
      const size = this.#split.puzzleIndices[this.#puzzle + 1]! - first;
      const taken = Math.min(size, rows.count - filled);
      this.#chooseExamples(size, taken);
      for (let i = 0; i < taken; i++, filled++) {
        rows.examples[filled] = first + this.#chosen[i]!;
        rows.puzzles[filled] = this.#puzzle;
        rows.groups[filled] = this.#group;
        rows.versions[filled] = this.#version;
      }
    }
    return true;
  }

  #startEpoch(epoch: number): void {
    this.#epoch = epoch;
    this.#position = 0;
    this.#order = this.#random.stream('order', epoch).permutation(this.#numGroups);
    this.#puzzleDraws = this.#random.stream('puzzle', epoch);
    this.#exampleDraws = this.#random.stream('examples', epoch);
  }

  /** The next group and one of its puzzles; the versions of an augmentation count as puzzles. */
  #visit(): void {
    this.#group = this.#order[this.#position++]!;
    const firstPuzzle = this.#split.groupIndices[this.#group]!;
    const numPuzzles = this.#split.groupIndices[this.#group + 1]! - firstPuzzle;
    const choice = this.#puzzleDraws.integer(numPuzzles * this.#versioned.numVersions(this.#group));
    this.#version = Math.floor(choice / numPuzzles);
    this.#puzzle = firstPuzzle + (choice % numPuzzles);
  }

  /** `taken` of 0..size−1 without replacement, into `#chosen` (a partial Fisher–Yates shuffle). */
  #chooseExamples(size: number, taken: number): void {
    const chosen = this.#chosen;
    for (let i = 0; i < size; i++) chosen[i] = i;
    if (size === 1) return;
    for (let i = 0; i < taken; i++) {
      const j = i + this.#exampleDraws.integer(size - i);
      const swapped = chosen[i]!;
      chosen[i] = chosen[j]!;
      chosen[j] = swapped;
    }
  }
}

function largestPuzzle(split: Split): number {
  let largest = 0;
  for (let puzzle = 1; puzzle < split.puzzleIndices.length; puzzle++) {
    largest = Math.max(largest, split.puzzleIndices[puzzle]! - split.puzzleIndices[puzzle - 1]!);
  }
  return largest;
}
