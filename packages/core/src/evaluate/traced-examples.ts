/** Chooses the examples of an evaluation that are kept step by step, while the evaluation runs. */
import type { HostTree } from '@eddy/tensor/spec';

import { NOT_SCORED } from '../data/collate.ts';
import type { EvaluationRows } from '../data/evaluation-batches.ts';
import { availableOutputs, PROBABILITIES } from './probabilities.ts';
import { failuresFirst, type TracedExample, type TracedStep } from './trace.ts';

const [ANSWER, HALTING] = ['preds', 'q_halt_logits'];
/** Most examples of a trace. */
const MOST_EXAMPLES = 12;
/** Most cells of a trace, over all steps of all examples: a file of about a megabyte. */
const MOST_CELLS = 150_000;
/** In a trace's file probabilities are whole thousandths. */
const PER_MILLE = 1000;

/** Outputs that a trace shows, of those that a model has; none where it gives no answers. */
export function tracedOutputs(modelOutputs: readonly string[]): readonly string[] {
  if (!modelOutputs.includes(ANSWER)) return [];
  return [ANSWER, PROBABILITIES, HALTING].filter((name) =>
    availableOutputs(modelOutputs).includes(name),
  );
}

export interface TracedExamplesOptions {
  readonly seqLen: number;
  /** Supervision steps of the model. */
  readonly maxSteps: number;
  readonly numGroups: number;
  /** Token that stands for a label that is not scored. */
  readonly notScored: number;
}

/**
 * Keeps three kinds of examples: a few that are the same at every evaluation of the split (from its first
 * batch), the first wrong ones, and the first solved ones, at most one of a group while there are
 * enough groups. Batches are given in the split's order.
 */
export class TracedExamples {
  readonly #options: TracedExamplesOptions;
  readonly #fixed: TracedExample[] = [];
  readonly #wrong: Choice;
  readonly #solved: Choice;
  readonly #numFixed: number;

  constructor(options: TracedExamplesOptions) {
    this.#options = options;
    const { seqLen, maxSteps, numGroups } = options;
    const room = Math.floor(MOST_CELLS / (seqLen * maxSteps));
    const total = Math.min(MOST_EXAMPLES, Math.max(3, room));
    this.#numFixed = Math.ceil(total / 4);
    const numSolved = Math.ceil(total / 4);
    this.#wrong = new Choice(total - this.#numFixed - numSolved, numGroups);
    this.#solved = new Choice(numSolved, numGroups);
  }

  /** True until there are enough examples of each kind: then no other batch needs its steps kept. */
  get wantsMore(): boolean {
    return !this.#wrong.isFull || !this.#solved.isFull;
  }

  /** @param steps  `tracedOutputs` after each supervision step */
  take(batch: EvaluationRows, solved: ArrayLike<boolean>, steps: readonly HostTree[]): void {
    if (steps.length === 0) return;
    const { count, firstExample } = batch;
    const groupOf = (row: number) => batch.groups?.[row] ?? firstExample + row;
    const fixed = firstExample === 0 ? fixedRows(count, groupOf, this.#numFixed) : new Set();
    for (let row = 0; row < count; row++) {
      const make = () => this.#example(batch, row, solved[row]!, fixed.has(row), steps);
      if (fixed.has(row)) this.#fixed.push(make());
      else (solved[row]! ? this.#solved : this.#wrong).offer(groupOf(row), make);
    }
  }

  /** The wrong ones first. */
  get examples(): readonly TracedExample[] {
    return failuresFirst([...this.#fixed, ...this.#wrong.examples, ...this.#solved.examples]);
  }

  #example(
    batch: EvaluationRows,
    row: number,
    solved: boolean,
    fixed: boolean,
    steps: readonly HostTree[],
  ): TracedExample {
    const { seqLen, notScored } = this.#options;
    const cells = (data: ArrayLike<number>): number[] =>
      Array.from({ length: seqLen }, (_, i) => data[row * seqLen + i]!);
    const rating = batch.ratings?.[row];
    return {
      index: batch.firstExample + row,
      solved,
      fixed,
      ...(rating === undefined || Number.isNaN(rating) ? {} : { rating }),
      input: cells(batch.inputs),
      label: cells(batch.labels).map((label) => (label === NOT_SCORED ? notScored : label)),
      steps: steps.map((outputs): TracedStep => {
        const { [ANSWER]: preds, [PROBABILITIES]: probabilities, [HALTING]: halt } = outputs;
        const sure = probabilities && cells(probabilities.data);
        return {
          preds: cells(preds!.data),
          // −1: the model's logits are none of its answer.
          ...(sure?.every((p) => p >= 0) === true && {
            probabilities: sure.map((p) => Math.round(p * PER_MILLE)),
          }),
          ...(halt && { qHalt: halt.data[row]! }),
        };
      }),
    };
  }
}

/** The first row of each of the first groups; more rows of them where there are too few groups. */
function fixedRows(
  count: number,
  groupOf: (row: number) => number,
  wanted: number,
): ReadonlySet<unknown> {
  const rows = Array.from({ length: count }, (_, row) => row);
  const firsts = rows.filter((row) => row === 0 || groupOf(row) !== groupOf(row - 1));
  const others = rows.filter((row) => row > 0 && groupOf(row) === groupOf(row - 1));
  return new Set([...firsts, ...others].slice(0, wanted));
}

/** The first examples offered, at most so many of a group. */
class Choice {
  readonly examples: TracedExample[] = [];
  readonly #most: number;
  readonly #perGroup: number;
  readonly #ofGroup = new Map<number, number>();

  constructor(most: number, numGroups: number) {
    this.#most = most;
    this.#perGroup = Math.ceil(most / Math.max(1, numGroups));
  }

  get isFull(): boolean {
    return this.examples.length >= this.#most;
  }

  offer(group: number, make: () => TracedExample): void {
    const taken = this.#ofGroup.get(group) ?? 0;
    if (this.isFull || taken >= this.#perGroup) return;
    this.#ofGroup.set(group, taken + 1);
    this.examples.push(make());
  }
}
