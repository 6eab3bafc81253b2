import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { evaluatorSuite, splitOf } from '@eddy/core/testing';
import { versionedSplit } from '@eddy/core/data';
import type { DatasetMetadata, EvaluationStart } from '@eddy/core';
import { drawGrid, type Grid } from '@eddy/puzzles';
import { expect, it } from 'vitest';

import arcShape from './arc-shape/arc-shape.plugin.ts';
import { ArcShape } from './arc-shape/arc-shape.ts';
import arcVoting from './arc-voting/arc-voting.plugin.ts';
import { ArcVoting } from './arc-voting/arc-voting.ts';

const CANVAS = 4;
const dataset: DatasetMetadata = {
  vocabSize: 12,
  seqLen: CANVAS * CANVAS,
  grid: { rows: CANVAS, cols: CANVAS },
  task: 'arc',
  numPuzzleIdentifiers: 4,
  padId: 0,
  ignoreLabelId: 0,
  blankIdentifierId: 0,
  splits: {},
};
/** A transposed version of `a`, with colours 1 and 2 exchanged. */
const identifiers = ['<blank>', 'a', 'a|||t6|||0213456789', 'b'];

const grid = (...lines: readonly string[]): Grid => ({
  rows: lines.length,
  cols: lines[0]!.length,
  cells: Uint8Array.from(lines.join(''), Number),
});
const tokens = (shown: Grid) => Int32Array.from(drawGrid(shown, CANVAS));
const labelled = (shown: Grid) => tokens(shown).map((token) => (token === 0 ? -100 : token));

function row(puzzleIdentifier: number, input: Grid, label: Grid, answer: Grid, logit: number) {
  return {
    input: tokens(input),
    label: labelled(label),
    puzzleIdentifier,
    rating: 0,
    outputs: {
      preds: { shape: [CANVAS * CANVAS], dtype: 'int32' as const, data: tokens(answer) },
      q_halt_logits: { shape: [], dtype: 'float32' as const, data: Float32Array.of(logit) },
    },
  };
}

const rows = [
  row(1, grid('12'), grid('10'), grid('12'), 2),
  // The version's answer, turned and coloured back, is the label of `a`.
  row(2, grid('2', '1'), grid('2', '0'), grid('2', '0'), 3),
  row(3, grid('34'), grid('43', '00'), grid('43', '00'), -1),
];

evaluatorSuite({
  name: 'arc-voting',
  metrics: arcVoting.metrics,
  create: () => new ArcVoting({ passKs: [1, 2], submissionK: 2, pooled: false }),
  dataset,
  identifiers,
  rows,
  // One vote each for `a`: the surer one is first. In a part of the rows it's missing.
  expected: { 'ARC/pass@1': 1, 'ARC/pass@2': 1, 'ARC/pairs_without_votes': 0 },
});

evaluatorSuite({
  name: 'arc-shape',
  metrics: arcShape.metrics,
  create: () => new ArcShape(),
  dataset,
  identifiers,
  rows,
  // Cells: 1 of 2 right, 2 of 2, 4 of 4; with the input 1 of 2, 1 of 2, 0 of 4.
  expected: {
    shape_accuracy: 1,
    grid_accuracy: 7 / 8,
    input_grid_accuracy: 2 / 8,
  },
});

function start(folder: string, earlierFolders: readonly string[] = []): EvaluationStart {
  const groups = rows.map(({ puzzleIdentifier: identifier, input, label }) => ({
    puzzles: [
      {
        identifier,
        examples: [
          {
            input: Uint8Array.from(input),
            label: Uint8Array.from(label, (token) => Math.max(0, token)),
          },
        ],
      },
    ],
  }));
  return {
    step: 1,
    split: 'test',
    folder,
    dataset,
    identifiers,
    examples: versionedSplit(splitOf('test', groups, dataset).split),
    earlierFolders,
  };
}

it('arc-voting submits something for pairs without votes, and pools only when asked', async () => {
  const folders = [await mkdtemp(join(tmpdir(), 'eddy-votes-')), await mkdtemp(join(tmpdir(), 'eddy-votes-'))]; // prettier-ignore
  const [first, second] = folders as [string, string];
  try {
    for (const [pooled, expected] of [[false, 0], [true, 0.5]] as const) {
      const evaluator = new ArcVoting({ passKs: [1], submissionK: 1, pooled });
      evaluator.begin(start(first));
      evaluator.update(batchOf(rows[1]!));
      const once = await evaluator.result();
      expect(once.metrics).toEqual({ 'ARC/pass@1': 0.5, 'ARC/pairs_without_votes': 1 });
      const submitted = JSON.parse(await readFile(join(first, 'submission.json'), 'utf8')) as object;
      expect(submitted).toEqual({ a: [{ attempt_1: [[1, 0]] }], b: [{ attempt_1: [[0]] }] });
      const later = new ArcVoting({ passKs: [1], submissionK: 1, pooled });
      later.begin(start(second, [first]));
      expect((await later.result()).metrics['ARC/pass@1']).toBe(expected);
    } // prettier-ignore
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  }
});

it('arc-voting counts each checkpoint once, however many are pooled', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-votes-'));
  const right = rows[0]!.label.map((token) => Math.max(0, token));
  const answered = (preds: Int32Array<ArrayBuffer>) =>
    batchOf({ ...rows[0]!, outputs: { ...rows[0]!.outputs, preds: { ...rows[0]!.outputs.preds, data: preds } } }); // prettier-ignore
  try {
    // A wrong answer first, then the right one twice: counted once each, the right one leads.
    const scores: number[] = [];
    const folders: string[] = [];
    for (const preds of [rows[0]!.outputs.preds.data, right, right]) {
      const own = join(folder, String(folders.length));
      await mkdir(own);
      const evaluator = new ArcVoting({ passKs: [1], submissionK: 1, pooled: true });
      evaluator.begin(start(own, folders));
      evaluator.update(answered(preds));
      scores.push((await evaluator.result()).metrics['ARC/pass@1']!);
      folders.push(own);
    }
    expect(scores).toEqual([0, 0, 0.5]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each(['{"format": "eddy-arc-v', '[]', '{"tasks": {"a": [{"input": "1"}]}}'])(
  'arc-voting says which file of votes is damaged: %s',
  async (text) => {
    const folder = await mkdtemp(join(tmpdir(), 'eddy-votes-'));
    try {
      await writeFile(join(folder, 'arc-votes.json'), text);
      const evaluator = new ArcVoting({ passKs: [1], submissionK: 1, pooled: true });
      evaluator.begin(start(folder, [folder]));
      await expect(evaluator.result()).rejects.toMatchObject({
        code: 'VOTES_DAMAGED',
        facts: { at: join(folder, 'arc-votes.json') },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

it('refuse what is not ARC', () => {
  const other = { ...start('.'), dataset: { ...dataset, task: 'maze' } };
  const voting = new ArcVoting({ passKs: [1], submissionK: 2, pooled: false });
  expect(() => voting.begin(other)).toThrow(expect.objectContaining({ code: 'NOT_ARC' }));
  expect(() => new ArcShape().begin(other)).toThrow(expect.objectContaining({ code: 'NOT_ARC' }));
  const unnamed = { ...start('.'), identifiers: ['<blank>', 'a|||x', 'b', 'c'] };
  expect(() => voting.begin(unnamed)).toThrow(expect.objectContaining({ code: 'NOT_ARC' }));
});

function batchOf({ input, label, puzzleIdentifier, outputs }: (typeof rows)[number]) {
  return {
    inputs: input,
    labels: label,
    puzzleIdentifiers: Int32Array.of(puzzleIdentifier),
    count: 1,
    firstExample: 0,
    ratings: null,
    outputs: {
      preds: { ...outputs.preds, shape: [1, CANVAS * CANVAS] },
      q_halt_logits: { ...outputs.q_halt_logits, shape: [1] },
    },
  };
}
