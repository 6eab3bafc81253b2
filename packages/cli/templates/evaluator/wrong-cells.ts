import { definePlugin, type EvaluationBatch, type Evaluator } from '@eddy/core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const config = z.strictObject({
  worst: z.number().int().min(0).default(5).describe('number of worst puzzles to list'),
});

/** Counts the cells that differ from the label, and lists the worst puzzles in a file. */
export class WrongCells implements Evaluator {
  readonly requiredOutputs = ['preds'];
  readonly #worst: number;
  #folder = '';
  #wrong: { example: number; cells: number }[] = [];

  constructor(worst: number) {
    this.#worst = worst;
  }

  begin({ folder }: { folder: string }): void {
    this.#folder = folder;
    this.#wrong = [];
  }

  update({ count, firstExample, labels, outputs }: EvaluationBatch): void {
    const { data: preds, shape } = outputs['preds']!;
    const seqLen = shape[1]!;
    for (let row = 0; row < count; row++) {
      let cells = 0;
      for (let i = row * seqLen; i < (row + 1) * seqLen; i++) {
        if (labels[i] !== -100 && preds[i] !== labels[i]) cells++;
      }
      this.#wrong.push({ example: firstExample + row, cells });
    }
  }

  result() {
    const total = this.#wrong.reduce((sum, { cells }) => sum + cells, 0);
    const worst = this.#wrong.toSorted((a, b) => b.cells - a.cells).slice(0, this.#worst);
    writeFileSync(join(this.#folder, 'worst.json'), JSON.stringify(worst, null, 2));
    const mean = total / Math.max(1, this.#wrong.length);
    return { metrics: { wrong_cells: mean }, files: ['worst.json'] };
  }
}

export default definePlugin({
  kind: 'evaluator',
  name: 'wrong-cells',
  apiVersion: 1,
  summary: 'mean number of wrong cells in a puzzle, and the worst puzzles',
  config,
  metrics: {
    wrong_cells: {
      label: 'Wrong cells',
      explanation: 'Mean number of cells of a puzzle that differ from the solution.',
      better: 'lower',
    },
  },
  create: ({ worst }) => new WrongCells(worst),
});
