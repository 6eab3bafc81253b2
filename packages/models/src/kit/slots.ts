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
} from '@tensorflow/tfjs-core';

/** Name of a bool [B] that only models that halt in evaluation carry: rows whose answer stands. */
export const ANSWERED = 'answered';

/** A latent of the carry, [positions, B, width], and the buffer that it starts from, [width]. */
export interface SlotLatent {
  readonly positions: number;
  readonly width: number;
  readonly start: string;
}

export interface SlotSizes {
  readonly seqLen: number;
  readonly latents: Readonly<Record<string, SlotLatent>>;
  readonly haltsInEvaluation: boolean;
}

/**
 * The carry: a slot works on a row for several steps, its latents carried over, until it halts; then
 * it takes the next row. It holds the latents [L, B, D], `steps` int32 [B], `halted` bool [B], and the
 * rows in work: `inputs` and `labels` int32 [B, S], `puzzleIdentifiers` int32 [B].
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
    const { seqLen: S, latents, haltsInEvaluation } = this.#sizes;
    const flag = { shape: [B], dtype: 'bool' } as const;
    return {
      ...Object.fromEntries(
        Object.entries(latents).map(([name, { positions, width }]) => [
          name,
          { shape: [positions, B, width], dtype: 'float32' as const },
        ]),
      ),
      steps: { shape: [B], dtype: 'int32' },
      halted: flag,
      inputs: { shape: [B, S], dtype: 'int32' },
      labels: { shape: [B, S], dtype: 'int32' },
      puzzleIdentifiers: { shape: [B], dtype: 'int32' },
      ...(haltsInEvaluation ? { [ANSWERED]: flag } : {}),
    };
  }

  /** A fresh carry: every slot is halted. */
  initial(batchSize: number): HostTree {
    const entries = Object.entries(this.specs(batchSize));
    const carry = Object.fromEntries(entries.map(([name, spec]) => [name, zeros(spec)]));
    carry['halted']!.data.fill(1);
    return carry;
  }

  /** Halted slots restart with their row of the batch; the others keep theirs. */
  admit(carry: TensorTree, batch: Batch, buffers: TensorTree): TensorTree {
    const halted_B = carry['halted']!;
    const halted_1B1 = reshape(halted_B, [1, -1, 1]);
    const halted_B1 = expandDims(halted_B, 1);
    const restarted = Object.entries(this.#sizes.latents).map(([name, { start, width: D }]) => {
      const start_11D = reshape(bfloat16(buffers[start]!), [1, 1, D]);
      return [name, where(halted_1B1, start_11D, carry[name]!)];
    });
    const answered_B = carry[ANSWERED];
    return {
      ...(Object.fromEntries(restarted) as TensorTree),
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
