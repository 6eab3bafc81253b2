// Shape suffixes: L = positions, S = tokens, B = batch, D = hidden size.
import type { Batch } from '@eddy/core';
import type { HostTree, SpecTree, TensorTree } from '@eddy/tensor';
import { bfloat16, zeros } from '@eddy/tensor';
import {
  expandDims,
  logicalAnd,
  logicalNot,
  reshape,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** bool [B], only in models that halt early in evaluation: rows whose answer stands. */
export const ANSWERED = 'answered';

export interface SlotSizes {
  readonly numPositions: number;
  readonly hiddenSize: number;
  readonly seqLen: number;
  /** Each latent and the buffer that it starts from. */
  readonly latents: Readonly<Record<string, string>>;
  readonly haltsInEvaluation: boolean;
}

/**
 * The carry: a slot works on a row for several steps, its latents carried over, until it halts; then
 * it takes the next row.
 *
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1Carry`
 */
export class Slots {
  readonly batchAxis: Readonly<Record<string, number>>;
  readonly #sizes: SlotSizes;

  constructor(sizes: SlotSizes) {
    this.#sizes = sizes;
    const specs = Object.entries(this.specs(1));
    this.batchAxis = Object.fromEntries(
      specs.map(([name, { shape }]) => [name, shape.length === 3 ? 1 : 0]),
    );
  }

  specs(batchSize: number): SpecTree {
    const B = batchSize;
    const { numPositions: L, hiddenSize: D, seqLen: S, latents, haltsInEvaluation } = this.#sizes;
    const latent = { shape: [L, B, D], dtype: 'float32' } as const;
    const flag = { shape: [B], dtype: 'bool' } as const;
    return {
      ...Object.fromEntries(Object.keys(latents).map((name) => [name, latent])),
      steps: { shape: [B], dtype: 'int32' },
      halted: flag,
      inputs: { shape: [B, S], dtype: 'int32' },
      labels: { shape: [B, S], dtype: 'int32' },
      puzzleIdentifiers: { shape: [B], dtype: 'int32' },
      ...(haltsInEvaluation ? { [ANSWERED]: flag } : {}),
    };
  }

  /** Every slot halted. */
  initial(batchSize: number): HostTree {
    const entries = Object.entries(this.specs(batchSize));
    const carry = Object.fromEntries(entries.map(([name, spec]) => [name, zeros(spec)]));
    carry['halted']!.data.fill(1);
    return carry;
  }

  /** Halted slots restart with their row of the batch; the others keep theirs. */
  admit(carry: TensorTree, batch: Batch, buffers: TensorTree): TensorTree {
    const { hiddenSize: D, latents } = this.#sizes;
    const halted_B = carry['halted']!;
    const halted_1B1 = reshape(halted_B, [1, -1, 1]);
    const halted_B1 = expandDims(halted_B, 1);
    const restart = (z_LBD: Tensor, init_D: Tensor) =>
      where(halted_1B1, reshape(bfloat16(init_D), [1, 1, D]), z_LBD);
    const answered_B = carry[ANSWERED];
    return {
      ...Object.fromEntries(
        Object.entries(latents).map(([name, start]) => [
          name,
          restart(carry[name]!, buffers[start]!),
        ]),
      ),
      steps: where(halted_B, zerosLike(carry['steps']!), carry['steps']!),
      halted: halted_B,
      inputs: where(halted_B1, batch.inputs, carry['inputs']!),
      labels: where(halted_B1, batch.labels, carry['labels']!),
      puzzleIdentifiers: where(halted_B, batch.puzzleIdentifiers, carry['puzzleIdentifiers']!),
      ...(answered_B === undefined
        ? {}
        : { [ANSWERED]: logicalAnd(answered_B, logicalNot(halted_B)) }),
    };
  }
}
