/** What a model answered, example by example, in a file that other tools read. */
import { join } from 'node:path';

import { SafetensorsRows } from '@eddy/core/checkpoint';
import type { EvaluationBatch, EvaluationResult, Evaluator } from '@eddy/core';
import { type HostTensor, type HostTree } from '@eddy/tensor';

export const PREDICTIONS_FILE = 'predictions.safetensors';

/** What comes from the data, under the reference's names; everything else is an output of the model. */
const FROM_DATA = ['inputs', 'labels', 'puzzle_identifiers'];

/**
 * Writes `predictions.safetensors`: [examples, …] of each tensor, in the order of the split, without
 * padded rows; labels that are not scored are −100. It measures nothing.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 pretrain.py `eval_save_outputs`
 */
export class Predictions implements Evaluator {
  readonly requiredOutputs: readonly string[];
  readonly optionalOutputs: readonly string[];
  readonly #tensors: readonly string[];
  #file: SafetensorsRows | undefined;
  #about: Readonly<Record<string, string>> = {};

  /**
   * @param tensors  what to write.
   * @param optional  what to write where the model has it.
   */
  constructor(tensors: readonly string[], optional: readonly string[] = []) {
    this.#tensors = [...tensors, ...optional];
    this.requiredOutputs = tensors.filter((name) => !FROM_DATA.includes(name));
    this.optionalOutputs = optional;
  }

  begin({ folder, step, split, dataset }: Parameters<Evaluator['begin']>[0]): void {
    this.#file?.discard(); // of an evaluation that failed
    this.#file = new SafetensorsRows(join(folder, PREDICTIONS_FILE));
    this.#about = { step: String(step), split, task: dataset.task };
  }

  update(batch: EvaluationBatch): void {
    this.#file!.append(this.#rowsOf(batch), batch.count);
  }

  async result(): Promise<EvaluationResult> {
    await this.#file!.finish(this.#about);
    return { metrics: {}, files: [PREDICTIONS_FILE] };
  }

  #rowsOf({ inputs, labels, puzzleIdentifiers, outputs }: EvaluationBatch): HostTree {
    const numRows = puzzleIdentifiers.length;
    const int32 = (data: Int32Array, ...shape: number[]): HostTensor => ({
      shape: [numRows, ...shape],
      dtype: 'int32',
      data,
    });
    const seqLen = inputs.length / numRows;
    const available: HostTree = {
      ...outputs,
      inputs: int32(inputs, seqLen),
      labels: int32(labels, seqLen),
      puzzle_identifiers: int32(puzzleIdentifiers),
    };
    const present = this.#tensors.filter((name) => name in available);
    return Object.fromEntries(present.map((name) => [name, available[name]!]));
  }
}
