// Shape suffixes: S = tokens, B = batch, V = vocabulary.
import type { Batch, MetricKind, Model, StepArguments, StepResult } from '@eddy/core';
import type { HostTree, SpecTree, TensorTree } from '@eddy/tensor';
import { add, onesLike, scalar, transpose, type Tensor } from '@tensorflow/tfjs-core';

import { actLoss, type LossName } from '../losses/act-loss.ts';
import type { ParameterDeclaration } from './parameters.ts';
import { requireShape } from './requirements.ts';
import type { DatasetSizes } from './sizes.ts';
import { Slots } from './slots.ts';

export interface FeedForwardOptions<N extends string = string> {
  readonly dataset: DatasetSizes;
  /** What is trained, by name. */
  readonly parameters: Readonly<Record<N, ParameterDeclaration>>;
  /** Cross entropy of tokens; `softmax` by default. */
  readonly loss?: LossName;

  /**
   * The whole model: pure TF.js code.
   *
   * @param inputs_BS  int32 tokens in [0, V).
   * @returns logits [B, S, V].
   */
  logits(parameters: Readonly<Record<N, Tensor>>, inputs_BS: Tensor): Tensor;
}

/**
 * A model that answers in one step: no latents, no halting.
 *
 *   loss = Σ_rows mean over scored tokens of −log p(label)
 *
 * Outputs are `preds` int32 [B, S] and `logits` [B, S, V]; metrics `count`, `accuracy`,
 * `exact_accuracy` and `lm_loss`.
 *
 * @throws MODEL_PART_INVALID while the step is traced, if `logits` returns another shape.
 */
export class FeedForwardModel<N extends string = string> implements Model {
  readonly parameters: Model['parameters'];
  readonly buffers = {};
  readonly tables = {};
  readonly metrics: Readonly<Record<string, MetricKind>> = {
    count: 'count',
    accuracy: 'per-halted',
    exact_accuracy: 'per-halted',
    lm_loss: 'per-row',
  };
  readonly maxSteps = 1;
  readonly outputs = ['preds', 'logits'];
  readonly carryBatchAxis: Readonly<Record<string, number>>;
  readonly #options: FeedForwardOptions<N>;
  readonly #slots: Slots;

  constructor(options: FeedForwardOptions<N>) {
    const { parameters, dataset } = options;
    this.#options = options;
    this.parameters = parameters;
    this.#slots = new Slots({ seqLen: dataset.seqLen, latents: {}, haltsInEvaluation: false });
    this.carryBatchAxis = this.#slots.batchAxis;
  }

  carry(batchSize: number): SpecTree {
    return this.#slots.specs(batchSize);
  }

  initialCarry(batchSize: number): HostTree {
    return this.#slots.initial(batchSize);
  }

  noiseSpecs(): SpecTree {
    return {};
  }

  noise(): HostTree {
    return {};
  }

  admit(carry: TensorTree, batch: Batch, buffers: TensorTree): TensorTree {
    return this.#slots.admit(carry, batch, buffers);
  }

  rowIds(): Record<string, Tensor> {
    return {};
  }

  step({ parameters, carry }: StepArguments): StepResult {
    const { dataset, loss: tokenLoss = 'softmax' } = this.#options;
    const inputs_BS = carry['inputs']!;
    const [B, S] = inputs_BS.shape as [number, number];
    const logits_BSV = this.#options.logits(parameters as Record<N, Tensor>, inputs_BS);
    requireShape('logits', logits_BSV, [B, S, dataset.vocabSize]);
    const halted_B = onesLike(carry['halted']!);
    const { loss, metrics, preds_SB } = actLoss({
      loss: tokenLoss,
      logits_SBV: transpose(logits_BSV, [1, 0, 2]),
      labels_SB: transpose(carry['labels']!),
      halted_B,
    });
    const steps = add(carry['steps']!, scalar(1, 'int32'));
    return {
      loss,
      metrics,
      carry: { ...carry, steps, halted: halted_B },
      outputs: { preds: transpose(preds_SB), logits: logits_BSV },
    };
  }
}
