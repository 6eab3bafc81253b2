/** A few puzzles through a model, step by step. */
import { NOT_SCORED } from '../data/collate.ts';
import type { Engine } from '../contracts/engine.ts';
import type { Model } from '../contracts/model.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { outputsMissing } from './errors.ts';
import { EvaluationRunner } from './evaluation-step.ts';
import { PROBABILITIES } from './probabilities.ts';
import { tracedOutputs } from './traced-examples.ts';

const ANSWER = 'preds';
const HALTING = 'q_halt_logits';

export interface Puzzle {
  readonly input: Uint8Array;
  readonly identifier: number;
}

export interface Thought {
  /** The model's whole answer after this supervision step. */
  readonly preds: Uint8Array;
  /** [seqLen] Probability of each token of `preds`, softmax of the logits. Absent in a model without logits. */
  readonly probabilities?: Float32Array;
  /** Logit of halting: above 0 the model judges its answer correct. Absent in a model that does not halt. */
  readonly qHalt?: number;
}

/**
 * Of each puzzle the answers after the first supervision step, the second, …
 *
 * @param weights  `parameters/…`, `buffers/…`, `tables/…`
 * @param steps  how many; more than the model was trained with are allowed
 * @throws MODEL_OUTPUT_MISSING
 */
export async function think(
  engine: Engine,
  model: Model,
  weights: HostTree,
  puzzles: readonly Puzzle[],
  steps: number,
): Promise<readonly (readonly Thought[])[]> {
  if (!model.outputs.includes(ANSWER)) throw outputsMissing([ANSWER], model.outputs);
  const wanted = tracedOutputs(model.outputs);
  const batchSize = puzzles.length;
  const seqLen = puzzles[0]!.input.length;
  const sizes = { batchSize, seqLen };
  const runner = await EvaluationRunner.compile(engine, model, sizes, { outputs: wanted });
  const state = await engine.upload(weights);
  try {
    await runner.open(state);
    const batch = {
      inputs: Int32Array.from(puzzles.flatMap(({ input }) => [...input])),
      labels: new Int32Array(batchSize * seqLen).fill(NOT_SCORED),
      puzzleIdentifiers: Int32Array.from(puzzles, ({ identifier }) => identifier),
      count: batchSize,
      firstExample: 0,
      ratings: null,
    };
    const thoughts = puzzles.map((): Thought[] => []);
    for await (const outputs of runner.steps(state, batch, { averaged: false })) {
      const preds = Uint8Array.from(outputs[ANSWER]!.data);
      const qHalts = outputs[HALTING]?.data;
      const sure = outputs[PROBABILITIES]?.data;
      // −1: the model's logits are none of its answer.
      const probabilities =
        sure === undefined || sure.some((p) => p < 0) ? undefined : Float32Array.from(sure);
      for (const [row, own] of thoughts.entries()) {
        own.push({
          preds: preds.slice(row * seqLen, (row + 1) * seqLen),
          ...(probabilities && {
            probabilities: probabilities.slice(row * seqLen, (row + 1) * seqLen),
          }),
          ...(qHalts && { qHalt: qHalts[row]! }),
        });
      }
      if (thoughts[0]!.length === steps) break;
    }
    return thoughts;
  } finally {
    await state.dispose().catch(() => undefined); // a dead engine has freed it already
  }
}
