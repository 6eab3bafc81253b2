/** Answers to ARC tasks by a vote of the versions of each task. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type {
  EvaluationBatch,
  EvaluationResult,
  EvaluationStart,
  Evaluator,
  MetadataWithoutSizes,
} from '@eddy/core';
import { cropGrid, undoArcTransform, type ArcPair, type Grid } from '@eddy/puzzles';

import { notArc, votesDamaged } from './errors.ts';
import { testPairsOf, versionOf } from './test-pairs.ts';
import { gridKey, Votes, type Candidate, type VotesFile } from './votes.ts';

export interface ArcVotingOptions {
  readonly passKs: readonly number[];
  /** Answers to a test pair in the submission. */
  readonly submissionK: number;
  /** Votes of earlier checkpoints of the run count too. */
  readonly pooled: boolean;
}

const SUBMISSION_FILE = 'submission.json';
const VOTES_FILE = 'arc-votes.json';
/** Submitted where there is no vote: a submission has an entry for every test pair. */
const NO_ANSWER: Grid = { rows: 1, cols: 1, cells: new Uint8Array(1) };

/**
 *   ARC/pass@K = mean over tasks of: test pairs with the right grid among the first K / test pairs
 *
 * Each version of a task votes for the grid that it predicts, turned and coloured back; candidates are
 * ranked by votes, then by the mean probability of being solved that the model gave them (one without
 * halting values gives none: its candidates of equally many votes stay in order). A test pair
 * without votes counts as wrong; `ARC/pairs_without_votes` says how many there were. Writes
 * `submission.json`, and, when pooled, this checkpoint's votes for evaluations to come.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 evaluators/arc.py. Differs: votes are
 * pooled over checkpoints only when asked (there `aggregated_voting`, on by default), and a pair without
 * votes has an entry in the submission.
 */
export class ArcVoting implements Evaluator {
  readonly requiredOutputs = ['preds'];
  readonly optionalOutputs = ['q_halt_logits'];
  readonly #options: ArcVotingOptions;
  #start: EvaluationStart | undefined;
  /** Of this checkpoint. */
  #votes = new Votes();
  #tasks: ReadonlyMap<string, readonly ArcPair[]> = new Map();

  constructor(options: ArcVotingOptions) {
    this.#options = options;
  }

  /** @throws NOT_ARC */
  requireDataset({ task }: MetadataWithoutSizes): void {
    if (task !== 'arc') throw notArc('arc-voting', task);
  }

  /** @throws NOT_ARC */
  begin(start: EvaluationStart): void {
    this.requireDataset(start.dataset);
    this.#start = start;
    this.#tasks = testPairsOf(start);
    this.#votes = new Votes();
  }

  update({ count, inputs, puzzleIdentifiers, outputs }: EvaluationBatch): void {
    const { dataset, identifiers } = this.#start!;
    const canvas = dataset.grid.rows;
    const preds = outputs['preds']!.data;
    const logits = outputs['q_halt_logits']?.data;
    for (let row = 0; row < count; row++) {
      const identifier = puzzleIdentifiers[row]!;
      if (identifier === dataset.blankIdentifierId) continue;
      const { task, transform } = versionOf(identifiers[identifier]);
      const restored = (tokens: ArrayLike<number>): Grid => {
        const grid = cropGrid(tokens, canvas, row * dataset.seqLen);
        return transform === undefined ? grid : undoArcTransform(grid, transform);
      };
      this.#votes.add(
        task,
        restored(inputs),
        restored(preds),
        1 / (1 + Math.exp(-(logits?.[row] ?? 0))),
      );
    }
  }

  /** @throws VOTES_DAMAGED */
  async result(): Promise<EvaluationResult> {
    const { passKs, pooled } = this.#options;
    const counted = pooled ? await this.#pooledVotes() : this.#votes;
    const submission: Record<string, Attempts[]> = {};
    const passed = passKs.map(() => 0);
    let withoutVotes = 0;
    for (const [task, pairs] of this.#tasks) {
      const places: number[] = [];
      submission[task] = pairs.map(({ input, output }) => {
        const ranked = counted.ranked(task, input);
        if (ranked.length === 0) withoutVotes += 1;
        const label = gridKey(output);
        const place = ranked.findIndex(({ key }) => key === label);
        places.push(place === -1 ? Number.POSITIVE_INFINITY : place);
        return this.#attempts(ranked);
      });
      passKs.forEach((k, i) => {
        passed[i]! += places.filter((place) => place < k).length / pairs.length;
      });
    }
    const { folder } = this.#start!;
    await writeFile(join(folder, SUBMISSION_FILE), JSON.stringify(submission));
    if (pooled) await writeFile(join(folder, VOTES_FILE), JSON.stringify(this.#votes.toJson()));
    const tasks = Math.max(1, this.#tasks.size);
    return {
      metrics: {
        ...Object.fromEntries(passKs.map((k, i) => [`ARC/pass@${k}`, passed[i]! / tasks])),
        'ARC/pairs_without_votes': withoutVotes,
      },
      files: pooled ? [SUBMISSION_FILE, VOTES_FILE] : [SUBMISSION_FILE],
    };
  }

  /** The votes of every checkpoint that was pooled, each counted once, and of this one. */
  async #pooledVotes(): Promise<Votes> {
    const votes = new Votes();
    for (const folder of this.#start!.earlierFolders) {
      // An earlier evaluation may not have been pooled.
      const file = join(folder, VOTES_FILE);
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      try {
        votes.addAll(JSON.parse(text) as VotesFile);
      } catch (cause) {
        throw votesDamaged(file, cause);
      }
    }
    votes.addAll(this.#votes.toJson());
    return votes;
  }

  /** The first answers, as the competition wants them; the first again where there are too few. */
  #attempts(ranked: readonly Candidate[]): Attempts {
    return Object.fromEntries(
      Array.from({ length: this.#options.submissionK }, (_, i) => [
        `attempt_${i + 1}`,
        rowsOf((ranked[i] ?? ranked[0])?.grid ?? NO_ANSWER),
      ]),
    );
  }
}

/** `{ attempt_1: rows of colours, attempt_2: … }` */
type Attempts = Record<string, number[][]>;

function rowsOf({ rows, cols, cells }: Grid): number[][] {
  return Array.from({ length: rows }, (_, row) => [
    ...cells.subarray(row * cols, (row + 1) * cols),
  ]);
}
