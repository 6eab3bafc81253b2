/** arc_evaluator: the votes, metrics and submissions of the reference's ARC evaluator. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { versionedSplit } from '@eddy/core/data';
import type { EvaluationBatch } from '@eddy/core';
import { withTemporaryFolder } from '@eddy/core/testing';
import { ArcVoting, Votes, type ArcVotingOptions } from '@eddy/evaluators';
import {
  cropGrid,
  gridHash,
  parseArcVersionName,
  undoArcTransform,
  type Grid,
} from '@eddy/puzzles';

import type { CaseHandler } from '../case-handler.ts';
import { assertClose, assertEqual } from '../compare.ts';
import type { Fixture } from '../fixture.ts';
import { readReferenceDataset, type ReferenceDataset } from '../reference-dataset.ts';

const CANVAS = 30;

export const handler: CaseHandler = {
  matches: (name) => name === 'arc_evaluator',
  async run(fixture) {
    checkCrops(fixture);
    const dataset = await readReferenceDataset(fixture.file('arc_evaluator_data.tar.gz'), 'test');
    checkVotes(fixture, dataset);
    await withTemporaryFolder((folder) =>
      checkEvaluations(new Evaluations(fixture, dataset, folder)),
    );
  },
};

async function checkEvaluations(evaluations: Evaluations): Promise<void> {
  const { json } = evaluations.fixture;
  const options = { passKs: json.config.pass_Ks, submissionK: json.config.submission_K };
  const all = [0, 1, 2, 3];

  const single = await evaluations.run({ ...options, pooled: false }, all);
  checkResult('single', single, json.single);

  // Ranks read their batches in turn, and the votes of rank 0 come first.
  const ranks = json.two_ranks_K3;
  const passKs = Object.keys(ranks.metrics).map((name) => Number(name.split('@')[1]));
  const ofRanks = await evaluations.run({ passKs, submissionK: 3, pooled: false }, [0, 2, 1, 3]);
  checkResult('two ranks', ofRanks, ranks);

  // Of tasks without predictions the reference leaves the entries out; ours have one for each pair.
  const part = await evaluations.run({ ...options, pooled: false }, [0, 1]);
  const stated = json.first_two_batches_only;
  checkMetrics('two batches', part.metrics, stated.metrics);
  const lengths = Object.entries(stated.submission_lengths as Record<string, number>);
  for (const [task, length] of lengths) {
    const ours = part.submission[task]!;
    const numPairs = json.votes[task].length;
    const same = JSON.stringify(ours) === JSON.stringify(stated.submission[task]);
    if (ours.length !== numPairs || (length === numPairs && !same)) {
      throw new Error(`two batches: the submission for ${task} is ${JSON.stringify(ours)}`);
    }
  }

  for (const [pooled, rounds] of [
    [true, json.two_rounds_aggregated],
    [false, json.two_rounds_not_aggregated],
  ] as const) {
    const first = await evaluations.run({ ...options, pooled }, all);
    const second = await evaluations.run({ ...options, pooled }, [0], [first.folder]);
    checkMetrics(`pooled ${pooled}, round 1`, first.metrics, rounds[0]);
    checkMetrics(`pooled ${pooled}, round 2`, second.metrics, rounds[1]);
  }
}

interface Outcome {
  readonly folder: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly submission: Readonly<Record<string, readonly unknown[]>>;
}

class Evaluations {
  readonly fixture: Fixture;
  readonly #dataset: ReferenceDataset;
  readonly #folder: string;
  #count = 0;

  constructor(fixture: Fixture, dataset: ReferenceDataset, folder: string) {
    this.fixture = fixture;
    this.#dataset = dataset;
    this.#folder = folder;
  }

  async run(
    options: ArcVotingOptions,
    batches: readonly number[],
    earlierFolders: readonly string[] = [],
  ): Promise<Outcome> {
    const { split, metadata, identifiers } = this.#dataset;
    const folder = path.join(this.#folder, String(this.#count++));
    await mkdir(folder);
    const evaluator = new ArcVoting(options);
    await evaluator.begin({
      step: 1,
      split: 'test',
      folder,
      dataset: { ...metadata, task: 'arc' },
      identifiers,
      examples: versionedSplit(split),
      earlierFolders,
    });
    for (const batch of batches) evaluator.update(batchOf(this.fixture, batch));
    const { metrics } = await evaluator.result();
    const submission = JSON.parse(await readFile(path.join(folder, 'submission.json'), 'utf8'));
    return { folder, metrics, submission };
  }
}

function batchOf(fixture: Fixture, index: number): EvaluationBatch {
  const read = (name: string) => Int32Array.from(fixture.tensor(`batch${index}/${name}`).data);
  const puzzleIdentifiers = read('puzzle_identifiers');
  const rows = puzzleIdentifiers.length;
  const logits = Float32Array.from(fixture.tensor(`batch${index}/q_halt_logits`).data);
  return {
    inputs: read('inputs'),
    labels: new Int32Array(rows * CANVAS * CANVAS),
    puzzleIdentifiers,
    count: rows, // padding rows carry the blank identifier
    firstExample: index * rows,
    ratings: null,
    outputs: {
      preds: { shape: [rows, CANVAS * CANVAS], dtype: 'int32', data: read('preds') },
      q_halt_logits: { shape: [rows], dtype: 'float32', data: logits },
    },
  };
}

function checkResult(
  what: string,
  ours: Outcome,
  stated: { readonly metrics: Record<string, number>; readonly submission: object },
): void {
  checkMetrics(what, ours.metrics, stated.metrics);
  for (const [task, attempts] of Object.entries(stated.submission)) {
    if (JSON.stringify(ours.submission[task]) !== JSON.stringify(attempts)) {
      throw new Error(`${what}: the submission for ${task} differs`);
    }
  }
  if (Object.keys(ours.submission).length !== Object.keys(stated.submission).length) {
    throw new Error(`${what}: the submission has other tasks`);
  }
}

function checkMetrics(
  what: string,
  ours: Readonly<Record<string, number>>,
  stated: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(stated)) {
    assertClose(`${what} ${name}`, [ours[name] ?? Number.NaN], [value], { absolute: 1e-12 });
  }
}

/** Counts, mean q and order of every candidate. */
function checkVotes(fixture: Fixture, { identifiers }: ReferenceDataset): void {
  const votes = new Votes();
  const inputs = new Map<string, Grid>();
  for (let index = 0; fixture.has(`batch${index}/inputs`); index++) {
    const { inputs: tokens, puzzleIdentifiers, outputs } = batchOf(fixture, index);
    puzzleIdentifiers.forEach((identifier, row) => {
      if (identifier === 0) return;
      const { task, transform } = parseArcVersionName(identifiers[identifier]!)!;
      const restored = (all: ArrayLike<number>): Grid => {
        const grid = cropGrid(all, CANVAS, row * CANVAS * CANVAS);
        return transform === undefined ? grid : undoArcTransform(grid, transform);
      };
      const input = restored(tokens);
      inputs.set(`${task} ${gridHash(input)}`, input);
      const q = 1 / (1 + Math.exp(-outputs['q_halt_logits']!.data[row]!));
      votes.add(task, input, restored(outputs['preds']!.data), q);
    });
  }
  for (const [task, pairs] of Object.entries<VotesOfPair[]>(fixture.json.votes)) {
    for (const { input_hash, ranked } of pairs) {
      const ours = votes.ranked(task, inputs.get(`${task} ${input_hash}`)!);
      const hashes = ours.map(({ grid }) => gridHash(grid));
      if (hashes.join() !== ranked.map(({ hash }) => hash).join()) {
        throw new Error(`${task}: candidates ${hashes.join()}`);
      }
      assertEqual(
        `${task} votes`,
        ours.map((candidate) => candidate.votes),
        ranked.map(({ count }) => count),
      );
      assertClose(
        `${task} mean q`,
        ours.map(({ sumOfQ, votes: count }) => sumOfQ / count),
        ranked.map(({ mean_q }) => mean_q),
        { absolute: 1e-12 },
      );
    }
  }
}

interface VotesOfPair {
  readonly input_hash: string;
  readonly ranked: readonly {
    readonly hash: string;
    readonly count: number;
    readonly mean_q: number;
  }[];
}

function checkCrops(fixture: Fixture): void {
  for (let i = 0; fixture.has(`crop/${i}/tokens`); i++) {
    const stated = fixture.tensor(`crop/${i}/grid`);
    const { rows, cols, cells } = cropGrid(fixture.tensor(`crop/${i}/tokens`).data, CANVAS);
    assertEqual(`crop ${i} shape`, [rows, cols], stated.shape);
    assertEqual(`crop ${i}`, cells, stated);
  }
}
