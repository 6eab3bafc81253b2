/** dataset_sudoku: what the reference's builder makes of the same CSV files. */
import type { Split } from '@eddy/core';
import {
  applySymmetry,
  formatSudoku,
  isCompletion,
  sudokuRules,
  symmetryFingerprint,
  type SudokuGrid,
} from '@eddy/puzzles';

import { buildSudoku, type BuiltDataset } from '../build-dataset.ts';
import type { CaseHandler } from '../case-handler.ts';
import { assertEqual } from '../compare.ts';
import type { Fixture } from '../fixture.ts';

const rules = sudokuRules(9);

export const handler: CaseHandler = {
  matches: (name) => name === 'dataset_sudoku',
  async run(fixture) {
    checkShuffles(fixture);
    for (const run of Object.keys(fixture.json.config)) await checkRun(fixture, run);
  },
};

async function checkRun(fixture: Fixture, run: string): Promise<void> {
  const { subsample_size, min_difficulty, num_aug } = fixture.json.config[run];
  const file = (split: string) => fixture.file('dataset_inputs', 'sudoku', `${split}.csv`);
  const ours = await buildSudoku(
    {
      source: { csv: { train: file('train'), test: file('test') } },
      subsampleSize: subsample_size,
      minDifficulty: min_difficulty,
    },
    { numVersions: num_aug },
  );
  const drawn = num_aug > 0 || subsample_size !== null;
  for (const split of ['train', 'test']) {
    checkMetadata(fixture, run, split, ours);
    const theirs = columnsOf(fixture, `${run}/${split}`);
    const built = ours.splits[split]!;
    assertEqual(`${run} ${split} puzzle indices`, built.puzzleIndices, theirs.puzzleIndices);
    assertEqual(`${run} ${split} group indices`, built.groupIndices, theirs.groupIndices);
    assertEqual(`${run} ${split} ids`, built.puzzleIdentifiers, theirs.puzzleIdentifiers);
    if (drawn && split === 'train') {
      const originals = await buildSudoku({
        source: { csv: { train: file('train') } },
        minDifficulty: min_difficulty,
      });
      checkDrawnGroups(`${run}, reference`, theirs, originals.splits['train']!);
      checkDrawnGroups(`${run}, ours`, built, originals.splits['train']!);
    } else {
      assertEqual(`${run} ${split} inputs`, built.inputs, theirs.inputs);
      assertEqual(`${run} ${split} labels`, built.labels, theirs.labels);
    }
  }
}

function checkMetadata(fixture: Fixture, run: string, split: string, ours: BuiltDataset): void {
  const stated = fixture.json[`run_${run}`].json;
  const theirs = stated[`${split}/dataset.json`];
  const { metadata } = ours;
  const sizes = metadata.splits[split]!;
  const pairs: Record<string, [unknown, unknown]> = {
    pad_id: [metadata.padId, theirs.pad_id],
    ignore_label_id: [metadata.ignoreLabelId, theirs.ignore_label_id],
    blank_identifier_id: [metadata.blankIdentifierId, theirs.blank_identifier_id],
    vocab_size: [metadata.vocabSize, theirs.vocab_size],
    seq_len: [metadata.seqLen, theirs.seq_len],
    num_puzzle_identifiers: [metadata.numPuzzleIdentifiers, theirs.num_puzzle_identifiers],
    total_groups: [sizes.numGroups, theirs.total_groups],
    mean_puzzle_examples: [sizes.meanPuzzleExamples, theirs.mean_puzzle_examples],
    identifiers: [metadata.numPuzzleIdentifiers, stated['identifiers.json'].length],
  };
  for (const [key, [actual, expected]] of Object.entries(pairs)) {
    if (actual !== expected) throw new Error(`${run} ${split} ${key}: ${actual}, not ${expected}`);
  }
}

/** The reference's draws are unseeded: its groups, and ours, must be an original and copies of it. */
function checkDrawnGroups(what: string, split: Columns, originals: Columns): void {
  const known = new Map<string, string>();
  for (let i = 0; i < originals.inputs.length / 81; i++) {
    const { input, label } = gridsAt(originals, i);
    known.set(formatSudoku(input), formatSudoku(label));
  }
  const used = new Set<string>();
  for (let group = 0; group < split.groupIndices.length - 1; group++) {
    const first = gridsAt(split, split.groupIndices[group]!);
    const text = formatSudoku(first.input);
    if (known.get(text) !== formatSudoku(first.label) || used.has(text)) {
      throw new Error(`${what}: group ${group} does not begin with an original of its own`);
    }
    used.add(text);
    const fingerprint = symmetryFingerprint(first.input, rules);
    for (let i = split.groupIndices[group]!; i < split.groupIndices[group + 1]!; i++) {
      const { input, label } = gridsAt(split, i);
      if (!isCompletion(label, input, rules)) throw new Error(`${what}: label ${i} is wrong`);
      if (symmetryFingerprint(input, rules) !== fingerprint) {
        throw new Error(`${what}: example ${i} is no copy of its group's original`);
      }
    }
  }
}

/** shuffle/<i>: one application of the symmetry with stated draws. */
function checkShuffles(fixture: Fixture): void {
  for (let i = 0; fixture.has(`shuffle/${i}/board`); i++) {
    const read = (name: string) => fixture.tensor(`shuffle/${i}/${name}`).data;
    const lines = (blocks: ArrayLike<number>, inside: ArrayLike<number>) =>
      Array.from(blocks, (block, b) => [0, 1, 2].map((k) => block * 3 + inside[b * 3 + k]!)).flat();
    const symmetry = {
      transpose: read('transpose_draw')[0]! < 0.5,
      rows: lines(read('bands'), read('rows_in_bands')),
      cols: lines(read('stacks'), read('cols_in_stacks')),
      digits: [0, ...read('digit_perm')],
    };
    for (const grid of ['board', 'solution']) {
      const moved = applySymmetry(Uint8Array.from(read(grid)), symmetry, rules);
      assertEqual(`shuffle ${i} ${grid}`, moved, read(`${grid}_out`));
    }
  }
}

type Columns = Pick<
  Split,
  'inputs' | 'labels' | 'puzzleIndices' | 'groupIndices' | 'puzzleIdentifiers'
>;

function columnsOf(fixture: Fixture, prefix: string): Columns {
  const read = (column: string) => fixture.tensor(`${prefix}/all__${column}`).data;
  return {
    inputs: Uint8Array.from(read('inputs')),
    labels: Uint8Array.from(read('labels')),
    puzzleIndices: Int32Array.from(read('puzzle_indices')),
    groupIndices: Int32Array.from(read('group_indices')),
    puzzleIdentifiers: Int32Array.from(read('puzzle_identifiers')),
  };
}

function gridsAt(split: Columns, example: number): { input: SudokuGrid; label: SudokuGrid } {
  const grid = (tokens: Uint8Array) =>
    tokens.subarray(example * 81, (example + 1) * 81).map((token) => token - 1);
  return { input: grid(split.inputs), label: grid(split.labels) };
}
