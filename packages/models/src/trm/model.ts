// Shape suffixes: L = positions, S = tokens, B = batch, D = hidden size, V = vocabulary.
import type {
  Batch,
  HostTree,
  MetricKind,
  Model,
  RandomStream,
  SpecTree,
  StepArguments,
  StepResult,
  TensorTree,
} from '@eddy/core';
import { bfloat16, noGradient, zeros as hostZeros } from '@eddy/core';
import {
  add,
  expandDims,
  greater,
  greaterEqual,
  logicalAnd,
  logicalOr,
  maximum,
  reshape,
  scalar,
  sigmoid,
  transpose,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { modelConfigInvalid } from '../errors.ts';
import { actLoss } from '../losses/act-loss.ts';
import { trmProblems, type TrmConfig } from './config.ts';
import { trainingFlops } from './flops.ts';
import { TrmNetwork, type Heads, type Latents } from './network.ts';
import { trmBuffers, trmParameters, trmTables, type TrmDataset } from './parameters.ts';
import { trmReferenceTensors } from './reference-tensors.ts';

/** Fewest steps that exploration forces upon a row. */
const MIN_EXPLORED_STEPS = 2;

/**
 * The Tiny Recursive Model with adaptive computation time.
 *
 * A slot works on a row for several steps, its latents carried over, until it halts; then it takes
 * the next row.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2510.04871
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1`
 */
export function createTrm(config: TrmConfig, dataset: TrmDataset): Model {
  const problems = trmProblems(config, { datasetShape: dataset });
  if (problems.length > 0) throw modelConfigInvalid('trm', problems);
  return new Trm(config, dataset);
}

class Trm implements Model {
  readonly parameters: Model['parameters'];
  readonly buffers: Model['buffers'];
  readonly tables: Model['tables'];
  readonly referenceTensors: NonNullable<Model['referenceTensors']>;
  readonly metrics: Readonly<Record<string, MetricKind>>;
  readonly maxSteps: number;
  readonly outputs = ['preds', 'logits', 'q_halt_logits', 'q_continue_logits'];
  readonly carryBatchAxis = {
    z_H: 1,
    z_L: 1,
    steps: 0,
    halted: 0,
    inputs: 0,
    labels: 0,
    puzzleIdentifiers: 0,
  };
  readonly #config: TrmConfig;
  readonly #dataset: TrmDataset;
  readonly #network: TrmNetwork;

  constructor(config: TrmConfig, dataset: TrmDataset) {
    this.#config = config;
    this.#dataset = dataset;
    this.#network = new TrmNetwork(config, dataset);
    this.parameters = trmParameters(config, dataset);
    this.buffers = trmBuffers(config);
    this.tables = trmTables(config, dataset);
    this.referenceTensors = trmReferenceTensors(config, dataset);
    this.maxSteps = config.haltMaxSteps;
    this.metrics = {
      count: 'count',
      accuracy: 'per-halted',
      exact_accuracy: 'per-halted',
      q_halt_accuracy: 'per-halted',
      steps: 'per-halted',
      lm_loss: 'per-row',
      q_halt_loss: 'per-row',
      ...(this.#trainsContinue ? { q_continue_loss: 'per-row' as const } : {}),
    };
  }

  carry(batchSize: number): SpecTree {
    const B = batchSize;
    const S = this.#dataset.seqLen;
    const latent = {
      shape: [this.#network.numPositions, B, this.#config.hiddenSize],
      dtype: 'float32',
    } as const;
    return {
      z_H: latent,
      z_L: latent,
      steps: { shape: [B], dtype: 'int32' },
      halted: { shape: [B], dtype: 'bool' },
      inputs: { shape: [B, S], dtype: 'int32' },
      labels: { shape: [B, S], dtype: 'int32' },
      puzzleIdentifiers: { shape: [B], dtype: 'int32' },
    };
  }

  initialCarry(batchSize: number): HostTree {
    const entries = Object.entries(this.carry(batchSize));
    const carry = Object.fromEntries(entries.map(([name, spec]) => [name, hostZeros(spec)]));
    carry['halted']!.data.fill(1);
    return carry;
  }

  noiseSpecs(batchSize: number): SpecTree {
    return { minSteps: { shape: [batchSize], dtype: 'int32' } };
  }

  /** Steps that each row must run before it may halt: 0, or with some probability 2 … maxSteps. */
  noise(batchSize: number, random: RandomStream): HostTree {
    const { haltExplorationProbability, haltMaxSteps } = this.#config;
    const choices = haltMaxSteps - MIN_EXPLORED_STEPS + 1;
    const data = Int32Array.from({ length: batchSize }, () => {
      // Both numbers are drawn for every row, so that a row's do not depend on the others'.
      const explores = random.uniform() < haltExplorationProbability;
      const minSteps = choices < 1 ? 0 : MIN_EXPLORED_STEPS + random.integer(choices);
      return explores ? minSteps : 0;
    });
    return { minSteps: { shape: [batchSize], dtype: 'int32', data } };
  }

  admit(carry: TensorTree, batch: Batch, buffers: TensorTree): TensorTree {
    const halted_B = carry['halted']!;
    const halted_1B1 = reshape(halted_B, [1, -1, 1]);
    const halted_B1 = expandDims(halted_B, 1);
    const { hiddenSize: D } = this.#config;
    const restart = (z_LBD: Tensor, init_D: Tensor) =>
      where(halted_1B1, reshape(bfloat16(init_D), [1, 1, D]), z_LBD);
    return {
      z_H: restart(carry['z_H']!, buffers['H_init']!),
      z_L: restart(carry['z_L']!, buffers['L_init']!),
      steps: where(halted_B, zerosLike(carry['steps']!), carry['steps']!),
      halted: halted_B,
      inputs: where(halted_B1, batch.inputs, carry['inputs']!),
      labels: where(halted_B1, batch.labels, carry['labels']!),
      puzzleIdentifiers: where(halted_B, batch.puzzleIdentifiers, carry['puzzleIdentifiers']!),
    };
  }

  rowIds(carry: TensorTree): Record<string, Tensor> {
    if (this.#network.prefix.dim === 0) return {};
    return { puzzleEmbedding: carry['puzzleIdentifiers']! };
  }

  step({ parameters, rows, carry, noise, training }: StepArguments): StepResult {
    const network = this.#network;
    const x_LBD = network.embedInputs(parameters, carry['inputs']!, rows['puzzleEmbedding']);
    const latents = network.recur(parameters, x_LBD, {
      z_H: carry['z_H']!,
      z_L: carry['z_L']!,
    });
    const heads = network.heads(parameters, latents.z_H);

    const steps_B = add(carry['steps']!, scalar(1, 'int32'));
    const last_B = greaterEqual(steps_B, scalar(this.maxSteps, 'int32'));
    // Evaluation runs every row to the last step, so that a batch stays together.
    const decides = training && this.maxSteps > 1;
    const halted_B = decides ? this.#halt(heads, steps_B, last_B, noise['minSteps']!) : last_B;
    const target =
      decides && this.#trainsContinue
        ? { targetContinue_B: this.#continueTarget(parameters, x_LBD, latents, last_B) }
        : {};

    const { loss, metrics, preds_SB } = actLoss({
      loss: this.#config.loss,
      logits_SBV: heads.logits_SBV,
      labels_SB: transpose(carry['labels']!),
      qHalt_B: heads.qHalt_B,
      qContinue_B: heads.qContinue_B,
      halted_B,
      steps_B,
      ...target,
    });
    if (this.#trainsContinue) metrics['q_continue_loss'] ??= scalar(0);
    return {
      loss,
      metrics,
      carry: { ...carry, ...latents, steps: steps_B, halted: halted_B },
      outputs: {
        preds: transpose(preds_SB),
        logits: transpose(heads.logits_SBV, [1, 0, 2]),
        q_halt_logits: heads.qHalt_B,
        q_continue_logits: heads.qContinue_B,
      },
    };
  }

  trainingFlops(batchSize: number): number {
    return trainingFlops(this.#config, this.#dataset, batchSize);
  }

  get #trainsContinue(): boolean {
    return !this.#config.noActContinue && this.#config.haltMaxSteps > 1;
  }

  /** A row halts at the last step, or when it says so and exploration lets it. */
  #halt(heads: Heads, steps_B: Tensor, last_B: Tensor, minSteps_B: Tensor): Tensor {
    const against = this.#trainsContinue ? heads.qContinue_B : 0;
    const wants_B = logicalOr(last_B, greater(heads.qHalt_B, against));
    return logicalAnd(wants_B, greaterEqual(steps_B, minSteps_B));
  }

  /**
   * What going on is worth, by the model's own next step: its halting value where that step is the
   * last, else the better of its two.
   *
   * @source Q-learning without a target network, as in HRM (arXiv:2506.21734)
   */
  #continueTarget(parameters: TensorTree, x_LBD: Tensor, latents: Latents, last_B: Tensor): Tensor {
    const [target_B] = noGradient([latents.z_H, latents.z_L], ([z_H, z_L]) => {
      const next = this.#network.recur(parameters, x_LBD, { z_H: z_H!, z_L: z_L! });
      const { qHalt_B, qContinue_B } = this.#network.heads(parameters, next.z_H);
      return [sigmoid(where(last_B, qHalt_B, maximum(qHalt_B, qContinue_B)))];
    });
    return target_B!;
  }
}
