/** How many cells, and how many whole puzzles, a model gets right. */
import type { DatasetMetadata, EvaluationBatch, EvaluationResult, Evaluator } from '@eddy/core';

/** Label of a cell that is not scored. */
const NOT_SCORED = -100;
/** Ratings of Sudoku-Extreme are guesses of a solver: 0 for most, above 100 for the hardest. */
const SUDOKU_BOUNDS = [1, 10, 30, 100];

/**
 *   cell_accuracy  = right scored cells / scored cells
 *   exact_accuracy = examples with every scored cell right / examples
 *
 * and `exact_accuracy/rating_a-b` for each range of ratings that occurs, with `examples/rating_a-b`.
 * Examples without a scored cell are left out.
 */
export class ExactAccuracy implements Evaluator {
  readonly requiredOutputs = ['preds'];
  readonly #ownBounds: readonly number[] | undefined;
  #bounds: readonly number[] | undefined;
  #cells = 0;
  #rightCells = 0;
  #examples = 0;
  #exact = 0;
  #rated: { readonly rating: number; readonly exact: boolean }[] = [];

  /**
   * @param ratingBounds  lowest ratings of the ranges above the first, ascending; by default those of
   * Sudoku-Extreme for Sudokus, for other tasks the quartiles of the ratings there are.
   */
  constructor(ratingBounds?: readonly number[]) {
    this.#ownBounds = ratingBounds;
  }

  begin({ dataset }: { readonly dataset: Pick<DatasetMetadata, 'task'> }): void {
    this.#bounds = this.#ownBounds ?? (dataset.task === 'sudoku' ? SUDOKU_BOUNDS : undefined);
    this.#cells = this.#rightCells = this.#examples = this.#exact = 0;
    this.#rated = [];
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
    this.#examples += 1;
    if (exact) this.#exact += 1;
    if (rating === undefined || Number.isNaN(rating)) return;
    this.#rated.push({ rating, exact });
  }

  result(): EvaluationResult {
    const metrics: Record<string, number> = {
      cell_accuracy: this.#rightCells / Math.max(1, this.#cells),
      exact_accuracy: this.#exact / Math.max(1, this.#examples),
    };
    const bounds =
      this.#bounds === undefined
        ? quartiles(this.#rated.map(({ rating }) => rating))
        : [0, ...this.#bounds];
    bounds.forEach((from, i) => {
      const next = bounds[i + 1];
      const inside = this.#rated.filter(
        ({ rating }) => rating >= from && (next === undefined || rating < next),
      );
      if (inside.length === 0) return;
      const name = `rating_${rangeName(from, next)}`;
      const exact = inside.reduce((sum, example) => sum + (example.exact ? 1 : 0), 0);
      metrics[`exact_accuracy/${name}`] = exact / inside.length;
      metrics[`examples/${name}`] = inside.length;
    });
    return { metrics };
  }
}

/** Lowest whole ratings of four ranges that hold about equally many; fewer where they coincide. */
function quartiles(ratings: readonly number[]): number[] {
  if (ratings.length === 0) return [];
  const sorted = Float64Array.from(ratings).sort();
  const lowest = [0, 0.25, 0.5, 0.75].map((part) =>
    Math.floor(sorted[Math.floor(part * sorted.length)]!),
  );
  return [...new Set(lowest)];
}

function rangeName(from: number, next: number | undefined): string {
  if (next === undefined) return `${from}+`;
  return next === from + 1 ? String(from) : `${from}-${next - 1}`;
}
