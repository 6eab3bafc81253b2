/** How many cells, and how many whole puzzles, a model gets right. */
import type { EvaluationBatch, EvaluationResult, Evaluator } from '@eddy/core';

/** Label of a cell that is not scored. */
const NOT_SCORED = -100;

interface Bucket {
  readonly name: string;
  /** Lowest rating of this bucket. */
  readonly from: number;
  examples: number;
  exact: number;
}

/**
 *   cell_accuracy  = right scored cells / scored cells
 *   exact_accuracy = examples with every scored cell right / examples
 *
 * and `exact_accuracy/rating_a-b` for each range of ratings that occurs, with `examples/rating_a-b`.
 * Examples without a scored cell are left out.
 */
export class ExactAccuracy implements Evaluator {
  readonly requiredOutputs = ['preds'];
  readonly #buckets: readonly Bucket[];
  #cells = 0;
  #rightCells = 0;
  #examples = 0;
  #exact = 0;

  /** @param ratingBounds  lowest ratings of the buckets above the first, ascending. */
  constructor(ratingBounds: readonly number[]) {
    const bounds = [0, ...ratingBounds];
    this.#buckets = bounds.map((from, i) => ({
      name: `rating_${rangeName(from, bounds[i + 1])}`,
      from,
      examples: 0,
      exact: 0,
    }));
  }

  begin(): void {
    this.#cells = this.#rightCells = this.#examples = this.#exact = 0;
    for (const bucket of this.#buckets) bucket.examples = bucket.exact = 0;
  }

  update({ count, labels, outputs, ratings }: EvaluationBatch): void {
    const preds = outputs['preds']!.data;
    const seqLen = labels.length / outputs['preds']!.shape[0]!;
    for (let row = 0; row < count; row++) {
      let scored = 0;
      let right = 0;
      for (let i = row * seqLen; i < (row + 1) * seqLen; i++) {
        if (labels[i] === NOT_SCORED) continue;
        scored += 1;
        if (labels[i] === preds[i]) right += 1;
      }
      if (scored === 0) continue;
      this.#cells += scored;
      this.#rightCells += right;
      this.#addExample(right === scored, ratings?.[row]);
    }
  }

  #addExample(exact: boolean, rating: number | undefined): void {
    const solved = exact ? 1 : 0;
    this.#examples += 1;
    this.#exact += solved;
    if (rating === undefined || Number.isNaN(rating)) return;
    const bucket = this.#buckets.findLast(({ from }) => rating >= from);
    if (bucket === undefined) return;
    bucket.examples += 1;
    bucket.exact += solved;
  }

  result(): EvaluationResult {
    const metrics: Record<string, number> = {
      cell_accuracy: this.#rightCells / Math.max(1, this.#cells),
      exact_accuracy: this.#exact / Math.max(1, this.#examples),
    };
    for (const { name, examples, exact } of this.#buckets) {
      if (examples === 0) continue;
      metrics[`exact_accuracy/${name}`] = exact / examples;
      metrics[`examples/${name}`] = examples;
    }
    return { metrics };
  }
}

function rangeName(from: number, next: number | undefined): string {
  if (next === undefined) return `${from}+`;
  return next === from + 1 ? String(from) : `${from}-${next - 1}`;
}
