/** Whether answers are right ways through mazes, by the maze and not by the label. */
import type {
  DatasetMetadata,
  EvaluationBatch,
  EvaluationResult,
  Evaluator,
  MetadataWithoutSizes,
} from '@eddy/core';
import { judgeAnswer, MAZE_CHARACTERS, type Maze } from '@eddy/puzzles';

import { notAMaze } from './errors.ts';

/** Kind k of `MAZE_CHARACTERS` is token k + 1; 0 is padding. */
const FIRST_TOKEN = 1;

/**
 *   valid_path     = answers that keep the maze and mark exactly one way from S to G / examples
 *   shortest_path  = of these, the ways than which none is shorter / examples
 *   other_shortest = of these, the ones that are not the label's / examples
 *   connects       = answers that mark a way from S to G, perhaps with more beside it / examples
 *   maze_kept      = answers that leave walls, S and G in their places / examples
 *
 * A maze has many shortest ways, of which the label is one: `exact_accuracy` counts the others as wrong.
 */
export class MazeValidity implements Evaluator {
  readonly requiredOutputs = ['preds'];
  #grid = { rows: 0, cols: 0 };
  #examples = 0;
  #sums = { valid: 0, shortest: 0, other: 0, connects: 0, kept: 0 };

  /** @throws NOT_A_MAZE */
  requireDataset(dataset: MetadataWithoutSizes): void {
    const { rows, cols } = dataset.grid;
    if (dataset.task !== 'maze' || rows * cols !== dataset.seqLen) throw notAMaze(dataset);
  }

  /** @throws NOT_A_MAZE */
  begin({ dataset }: { readonly dataset: DatasetMetadata }): void {
    this.requireDataset(dataset);
    const { rows, cols } = dataset.grid;
    this.#grid = { rows, cols };
    this.#examples = 0;
    this.#sums = { valid: 0, shortest: 0, other: 0, connects: 0, kept: 0 };
  }

  update({ count, inputs, labels, outputs }: EvaluationBatch): void {
    const preds = outputs['preds']!.data;
    const size = this.#grid.rows * this.#grid.cols;
    for (let row = 0; row < count; row++) {
      this.#examples += 1;
      const answer = this.#mazeAt(preds, row);
      const question = this.#mazeAt(inputs, row);
      if (answer === undefined || question === undefined) continue;
      const { keepsMaze, connects, isPath, isShortest } = judgeAnswer(question, answer);
      const differs = answer.cells.some((kind, i) => kind + FIRST_TOKEN !== labels[row * size + i]);
      if (keepsMaze) this.#sums.kept += 1;
      if (connects) this.#sums.connects += 1;
      if (isPath) this.#sums.valid += 1;
      if (isShortest) this.#sums.shortest += 1;
      if (isShortest && differs) this.#sums.other += 1;
    }
  }

  result(): EvaluationResult {
    const examples = Math.max(1, this.#examples);
    const { valid, shortest, other, connects, kept } = this.#sums;
    return {
      metrics: {
        valid_path: valid / examples,
        shortest_path: shortest / examples,
        other_shortest: other / examples,
        connects: connects / examples,
        maze_kept: kept / examples,
      },
    };
  }

  /** undefined where a token is no cell of a maze. */
  #mazeAt(tokens: ArrayLike<number>, row: number): Maze | undefined {
    const size = this.#grid.rows * this.#grid.cols;
    const cells = new Uint8Array(size);
    for (let i = 0; i < size; i++) {
      const kind = tokens[row * size + i]! - FIRST_TOKEN;
      if (kind < 0 || kind >= MAZE_CHARACTERS.length) return undefined;
      cells[i] = kind;
    }
    return { ...this.#grid, cells };
  }
}
