/** How near answers to ARC tasks come: the right size, and the right colours inside. */
import type {
  DatasetMetadata,
  EvaluationBatch,
  EvaluationResult,
  Evaluator,
  MetadataWithoutSizes,
} from '@eddy/core';
import { cropGrid } from '@eddy/puzzles';

import { notArc } from '../arc-voting/errors.ts';

/**
 *   shape_accuracy      = answers with the rows and columns of the label / examples
 *   grid_accuracy       = cells of the labels' grids with the right colour / cells of them
 *   input_grid_accuracy = what answering with the input would score there
 *
 * Examples that were moved about the canvas, as in training, are left out.
 */
export class ArcShape implements Evaluator {
  readonly requiredOutputs = ['preds'];
  #canvas = 0;
  #examples = 0;
  #rightShapes = 0;
  #cells = 0;
  #rightCells = 0;
  #inputCells = 0;

  /** @throws NOT_ARC */
  requireDataset({ task }: MetadataWithoutSizes): void {
    if (task !== 'arc') throw notArc('arc-shape', task);
  }

  /** @throws NOT_ARC */
  begin({ dataset }: { readonly dataset: DatasetMetadata }): void {
    this.requireDataset(dataset);
    this.#canvas = dataset.grid.rows;
    this.#examples = this.#rightShapes = this.#cells = this.#rightCells = this.#inputCells = 0;
  }

  update({ count, inputs, labels, outputs }: EvaluationBatch): void {
    const preds = outputs['preds']!.data;
    const canvas = this.#canvas;
    for (let row = 0; row < count; row++) {
      const start = row * canvas * canvas;
      const label = cropGrid(labels, canvas, start);
      if (label.cells.length === 0) continue;
      const answer = cropGrid(preds, canvas, start);
      this.#examples += 1;
      if (answer.rows === label.rows && answer.cols === label.cols) this.#rightShapes += 1;
      this.#cells += label.cells.length;
      for (let y = 0; y < label.rows; y++) {
        for (let at = start + y * canvas; at < start + y * canvas + label.cols; at++) {
          if (preds[at] === labels[at]) this.#rightCells += 1;
          if (inputs[at] === labels[at]) this.#inputCells += 1;
        }
      }
    }
  }

  result(): EvaluationResult {
    const cells = Math.max(1, this.#cells);
    return {
      metrics: {
        shape_accuracy: this.#rightShapes / Math.max(1, this.#examples),
        grid_accuracy: this.#rightCells / cells,
        input_grid_accuracy: this.#inputCells / cells,
      },
    };
  }
}
