/** dataset_sudoku: what the reference's builder makes of the same CSV files. */
import {
  applySymmetry,
  formatSudoku,
  isCompletion,
  sudokuRules,
  symmetryFingerprint,
  type SudokuGrid,
} from '@eddy/puzzles';

import { buildDataset } from '../build-dataset.ts';
import type { CaseHandler } from '../case-handler.ts';
import { assertEqual } from '../compare.ts';
import type { Fixture } from '../fixture.ts';
import {
  buildAndExport,
  checkArchive,
  checkMetadata,
  statedColumns,
  type Columns,
} from '../folder-format.ts';

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
  await checkArchive(fixture, run, fixture.file(`dataset_sudoku_${run}.tar.gz`));
  const ours = await buildAndExport(
    run,
    fixture.json[`run_${run}`],
    {
      use: 'sudoku',
      source: { csv: { train: file('train'), test: file('test') } },
      subsampleSize: subsample_size,
      minDifficulty: min_difficulty,
    },
    { use: 'sudoku-shuffle', numVersions: num_aug },
  );
  const drawn = num_aug > 0 || subsample_size !== null;
  for (const split of ['train', 'test']) {
    checkMetadata(`${run} ${split}`, ours, split, fixture.json[`run_${run}`].json);
    const theirs = statedColumns(fixture, `${run}/${split}`);
    const built = ours.splits[split]!;
    assertEqual(`${run} ${split} puzzle indices`, built.puzzleIndices, theirs.puzzleIndices);
    assertEqual(`${run} ${split} group indices`, built.groupIndices, theirs.groupIndices);
    assertEqual(`${run} ${split} ids`, built.puzzleIdentifiers, theirs.puzzleIdentifiers);
    if (drawn && split === 'train') {
      const originals = await buildDataset({
        use: 'sudoku',
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
      Uint8Array.from(inside, (line, i) => blocks[Math.floor(i / 3)]! * 3 + line);
    const symmetry = {
      transpose: read('transpose_draw')[0]! < 0.5,
      rows: lines(read('bands'), read('rows_in_bands')),
      cols: lines(read('stacks'), read('cols_in_stacks')),
      digits: Uint8Array.of(0, ...read('digit_perm')),
    };
    for (const grid of ['board', 'solution']) {
      const moved = applySymmetry(Uint8Array.from(read(grid)), symmetry, rules);
      assertEqual(`shuffle ${i} ${grid}`, moved, read(`${grid}_out`));
    }
  }
}

function gridsAt(split: Columns, example: number): { input: SudokuGrid; label: SudokuGrid } {
  const grid = (tokens: Uint8Array) =>
    tokens.subarray(example * 81, (example + 1) * 81).map((token) => token - 1);
  return { input: grid(split.inputs), label: grid(split.labels) };
}
