/** One puzzle through a model, step by step. */
import { NOT_SCORED } from '../data/collate.ts';
import type { Engine } from '../engine/engine.ts';
import type { Model } from '../model/model.ts';
import type { HostTree } from '../tensor/spec.ts';
import { outputsMissing } from './errors.ts';
import { EvaluationRunner } from './evaluation-step.ts';

const OUTPUTS = ['preds', 'q_halt_logits'];

export interface Puzzle {
  readonly input: Uint8Array;
  readonly identifier: number;
}

export interface Thought {
  /** The model's whole answer after this supervision step. */
  readonly preds: Uint8Array;
  /** Logit of halting: above 0 the model holds its answer for solved. */
  readonly qHalt: number;
}

/**
 * Answers after the first supervision step, the second, …
 *
 * @param weights  `parameters/…`, `buffers/…`, `tables/…`
 * @param steps  how many; more than the model was trained with are allowed
 * @throws MODEL_OUTPUT_MISSING
 */
export async function think(
  engine: Engine,
  model: Model,
  weights: HostTree,
  puzzle: Puzzle,
  steps: number,
): Promise<readonly Thought[]> {
  const missing = OUTPUTS.filter((name) => !model.outputs.includes(name));
  if (missing.length > 0) throw outputsMissing(missing, model.outputs);
  const seqLen = puzzle.input.length;
  const sizes = { batchSize: 1, seqLen };
  const runner = await EvaluationRunner.compile(engine, model, sizes, { outputs: OUTPUTS });
  const state = await engine.upload(weights);
  try {
    await runner.open(state);
    const batch = {
      inputs: Int32Array.from(puzzle.input),
      labels: new Int32Array(seqLen).fill(NOT_SCORED),
      puzzleIdentifiers: Int32Array.of(puzzle.identifier),
      count: 1,
      firstExample: 0,
      ratings: null,
    };
    const thoughts: Thought[] = [];
    for await (const outputs of runner.steps(state, batch, { averaged: false })) {
      thoughts.push({
        preds: Uint8Array.from(outputs['preds']!.data),
        qHalt: outputs['q_halt_logits']!.data[0]!,
      });
      if (thoughts.length === steps) break;
    }
    return thoughts;
  } finally {
    await state.dispose().catch(() => undefined); // a dead engine has freed it already
  }
}
