/** Whether answers are right Sudokus, by the rules and not by the label. */
import type {
  DatasetMetadata,
  MetadataWithoutSizes,
  EvaluationBatch,
  EvaluationResult,
  Evaluator,
} from '@eddy/core';
import { isSolution, sudokuRules, sudokuSizeOf, type SudokuRules } from '@eddy/puzzles';

import { notASudoku } from './errors.ts';

/** Token of a blank; digit d is token d + 1. */
const BLANK_TOKEN = 1;

/**
 *   valid_completion = examples whose answer obeys the rules and keeps every given / examples
 *   valid_grid       = examples whose answer obeys the rules / examples
 *   givens_kept      = examples whose answer keeps every given / examples
 *
 * A puzzle with several solutions has several valid completions, of which the label is one.
 */
export class SudokuValidity implements Evaluator {
  readonly requiredOutputs = ['preds'];
  #rules: SudokuRules = sudokuRules(9);
  #examples = 0;
  #validGrids = 0;
  #givensKept = 0;
  #validCompletions = 0;

  /** @throws NOT_A_SUDOKU */
  requireDataset(dataset: MetadataWithoutSizes): void {
    rulesOf(dataset);
  }

  /** @throws NOT_A_SUDOKU */
  begin({ dataset }: { readonly dataset: DatasetMetadata }): void {
    this.#rules = rulesOf(dataset);
    this.#examples = this.#validGrids = this.#givensKept = this.#validCompletions = 0;
  }

  update({ count, inputs, outputs }: EvaluationBatch): void {
    const preds = outputs['preds']!.data;
    const { numCells } = this.#rules;
    for (let row = 0; row < count; row++) {
      const answer = new Uint8Array(numCells);
      let kept = true;
      for (let cell = 0; cell < numCells; cell++) {
        const token = preds[row * numCells + cell]!;
        const given = inputs[row * numCells + cell]!;
        answer[cell] = Math.max(0, token - 1);
        if (given > BLANK_TOKEN && token !== given) kept = false;
      }
      const valid = isSolution(answer, this.#rules);
      this.#examples += 1;
      if (valid) this.#validGrids += 1;
      if (kept) this.#givensKept += 1;
      if (valid && kept) this.#validCompletions += 1;
    }
  }

  result(): EvaluationResult {
    const examples = Math.max(1, this.#examples);
    return {
      metrics: {
        valid_completion: this.#validCompletions / examples,
        valid_grid: this.#validGrids / examples,
        givens_kept: this.#givensKept / examples,
      },
    };
  }
}

function rulesOf(dataset: MetadataWithoutSizes): SudokuRules {
  const size = sudokuSizeOf(dataset.seqLen);
  if (dataset.task !== 'sudoku' || size === undefined) throw notASudoku(dataset);
  return sudokuRules(size);
}
