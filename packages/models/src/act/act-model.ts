// Shape suffixes: L = positions, S = tokens, B = batch, D = hidden size, V = vocabulary.
import type { Batch, MetricKind, Model, RandomStream, ReferenceTensor, StepArguments, StepResult } from '@eddy/core';
import type { HostTree, SpecTree, TensorTree } from '@eddy/tensor';
import {
  add,
  greaterEqual,
  logicalAnd,
  logicalOr,
  reshape,
  scalar,
  transpose,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { actLoss, type LossName } from '../losses/act-loss.ts';
import type { Declaration } from '../network/declaration.ts';
import { Heads, type Readings } from '../network/heads.ts';
import { InputEmbedding, PUZZLE_TABLE } from '../network/input-embedding.ts';
import type { BlockShape } from '../network/level.ts';
import type { DatasetSizes, PuzzlePrefix } from '../network/sizes.ts';
import { continueTarget, explorationSteps, haltingRows, type HaltRule } from './halting.ts';
import type { Latents, RecurrentNetwork } from './recurrent-network.ts';
import { ANSWERED, Slots } from './slots.ts';

export interface ActOptions {
  readonly haltMaxSteps: number;
  readonly haltExplorationProbability: number;
  readonly loss: LossName;
  readonly haltInTraining: HaltRule;
  readonly haltInEvaluation: HaltRule;
  /** Trains q_continue, by one more pass a step. */
  readonly trainsContinue: boolean;
}

export interface ActModelOptions {
  readonly blocks: Omit<BlockShape, 'numPositions'>;
  readonly prefix: PuzzlePrefix;
  readonly dataset: DatasetSizes;
  readonly act: ActOptions;
  readonly network: (blocks: BlockShape) => RecurrentNetwork;
}

/** Products of a backward pass for each of the forward pass: one for the input, one for the weight. */
const BACKWARD = 2;
/** Of the reference's models inside its loss module. */
const REFERENCE_PREFIX = 'model.inner.';

/**
 * A recursive network under deep supervision with adaptive computation time: input embedding,
 * network, heads; who halts, who takes the next row; loss and metrics.
 *
 * @source arXiv:2510.04871, section 2; arXiv:2506.21734, section 2
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1`
 */
export class ActModel implements Model {
  readonly parameters: Model['parameters'];
  readonly buffers: Model['buffers'];
  readonly tables: Model['tables'];
  readonly referenceTensors: Readonly<Record<string, ReferenceTensor>>;
  readonly metrics: Readonly<Record<string, MetricKind>>;
  readonly maxSteps: number;
  readonly outputs = ['preds', 'logits', 'q_halt_logits', 'q_continue_logits'];
  readonly carryBatchAxis: Readonly<Record<string, number>>;
  readonly #act: ActOptions;
  readonly #dataset: DatasetSizes;
  readonly #hiddenSize: number;
  readonly #embedding: InputEmbedding;
  readonly #network: RecurrentNetwork;
  readonly #heads: Heads;
  readonly #slots: Slots;

  constructor({ blocks, prefix, dataset, act, network }: ActModelOptions) {
    const { hiddenSize, positionEncoding } = blocks;
    const learnedPositions = positionEncoding === 'learned';
    this.#act = effective(act);
    this.#dataset = dataset;
    this.#hiddenSize = hiddenSize;
    this.#embedding = new InputEmbedding({ hiddenSize, dataset, prefix, learnedPositions });
    const { numPositions, tables } = this.#embedding;
    this.#network = network({ ...blocks, numPositions });
    this.#heads = new Heads(hiddenSize, dataset.vocabSize, prefix.length);
    const { latents } = this.#network;
    this.#slots = new Slots({
      numPositions,
      hiddenSize,
      seqLen: dataset.seqLen,
      latents,
      haltsInEvaluation: this.#act.haltInEvaluation !== 'nothing',
    });
    const parameters = {
      ...this.#embedding.declarations,
      ...this.#network.declarations,
      ...this.#heads.declarations,
    };
    const buffers = startBuffers(latents, hiddenSize);
    this.parameters = parameters;
    this.buffers = buffers;
    this.tables = tables;
    this.referenceTensors = {
      ...referenceTensors('parameters', parameters),
      ...referenceTensors('buffers', buffers),
      ...referenceTensors('tables', tables),
    };
    this.maxSteps = act.haltMaxSteps;
    this.carryBatchAxis = this.#slots.batchAxis;
    this.metrics = {
      count: 'count',
      accuracy: 'per-halted',
      exact_accuracy: 'per-halted',
      q_halt_accuracy: 'per-halted',
      steps: 'per-halted',
      lm_loss: 'per-row',
      q_halt_loss: 'per-row',
      ...(this.#act.trainsContinue ? { q_continue_loss: 'per-row' as const } : {}),
    };
  }

  carry(batchSize: number): SpecTree {
    return this.#slots.specs(batchSize);
  }

  initialCarry(batchSize: number): HostTree {
    return this.#slots.initial(batchSize);
  }

  noiseSpecs(batchSize: number): SpecTree {
    return { minSteps: { shape: [batchSize], dtype: 'int32' } };
  }

  noise(batchSize: number, random: RandomStream): HostTree {
    const { haltExplorationProbability: probability } = this.#act;
    const data = explorationSteps(batchSize, random, { probability, maxSteps: this.maxSteps });
    return { minSteps: { shape: [batchSize], dtype: 'int32', data } };
  }

  admit(carry: TensorTree, batch: Batch, buffers: TensorTree): TensorTree {
    return this.#slots.admit(carry, batch, buffers);
  }

  rowIds(carry: TensorTree): Record<string, Tensor> {
    if (!(PUZZLE_TABLE in this.tables)) return {};
    return { [PUZZLE_TABLE]: carry['puzzleIdentifiers']! };
  }

  step({ parameters, rows, carry, noise, training }: StepArguments): StepResult {
    const x_LBD = this.#embedding.embed(parameters, carry['inputs']!, rows[PUZZLE_TABLE]);
    const { latents, steps_B } = this.#think(parameters, x_LBD, carry, training);
    const readings = this.#heads.read(parameters, latents[this.#network.answer]!);

    const last_B = greaterEqual(steps_B, scalar(this.maxSteps, 'int32'));
    const halting = training
      ? { halted: this.#haltInTraining(readings, steps_B, last_B, noise['minSteps']!) }
      : this.#haltInEvaluation(readings, last_B, carry);
    const { trainsContinue, loss: tokenLoss } = this.#act;
    const target =
      training && trainsContinue
        ? { targetContinue_B: this.#continueTarget(parameters, x_LBD, latents, last_B) }
        : {};

    const { loss, metrics, preds_SB } = actLoss({
      loss: tokenLoss,
      logits_SBV: readings.logits_SBV,
      labels_SB: transpose(carry['labels']!),
      qHalt_B: readings.qHalt_B,
      qContinue_B: readings.qContinue_B,
      halted_B: halting.halted,
      steps_B,
      ...target,
    });
    if (trainsContinue) metrics['q_continue_loss'] ??= scalar(0);
    return {
      loss,
      metrics,
      carry: { ...carry, ...latents, steps: steps_B, ...halting },
      outputs: {
        preds: transpose(preds_SB),
        logits: transpose(readings.logits_SBV, [1, 0, 2]),
        q_halt_logits: readings.qHalt_B,
        q_continue_logits: readings.qContinue_B,
      },
    };
  }

  trainingFlops(batchSize: number): number {
    const { forward, differentiated } = this.#network.flops(batchSize);
    const extraPass = this.#act.trainsContinue ? forward : 0;
    const { seqLen: S, vocabSize: V } = this.#dataset;
    const product = 2 * S * batchSize * V * this.#hiddenSize;
    // The embedding has no gradient for its input, the one-hot tokens.
    const embedding = 2 * product;
    const lmHead = (1 + BACKWARD) * product;
    return forward + BACKWARD * differentiated + extraPass + embedding + lmHead;
  }

  /** The next latents; a row that has answered stands still while the others of its batch go on. */
  #think(
    parameters: TensorTree,
    x_LBD: Tensor,
    carry: TensorTree,
    training: boolean,
  ): { latents: Latents; steps_B: Tensor } {
    const before = pick(carry, this.#network.latents);
    const latents = this.#network.recur(parameters, x_LBD, before);
    const steps_B = add(carry['steps']!, scalar(1, 'int32'));
    const answered_B = carry[ANSWERED];
    if (training || answered_B === undefined) return { latents, steps_B };
    const answered_1B1 = reshape(answered_B, [1, -1, 1]);
    const kept = Object.entries(latents).map(([name, z]) => [
      name,
      where(answered_1B1, before[name]!, z),
    ]);
    return {
      latents: Object.fromEntries(kept) as Latents,
      steps_B: where(answered_B, carry['steps']!, steps_B),
    };
  }

  /** A row halts at the last step, or when the rule and exploration let it. */
  #haltInTraining(readings: Readings, steps_B: Tensor, last_B: Tensor, minSteps_B: Tensor): Tensor {
    const { haltInTraining: rule } = this.#act;
    if (rule === 'nothing') return last_B;
    const wants_B = logicalOr(last_B, haltingRows(rule, readings));
    return logicalAnd(wants_B, greaterEqual(steps_B, minSteps_B));
  }

  /** Most models run every row to the last step in evaluation. */
  #haltInEvaluation(
    readings: Readings,
    last_B: Tensor,
    carry: TensorTree,
  ): { halted: Tensor; [ANSWERED]?: Tensor } {
    const { haltInEvaluation: rule } = this.#act;
    if (rule === 'nothing') return { halted: last_B };
    const answered_B = logicalOr(carry[ANSWERED]!, haltingRows(rule, readings));
    return { halted: logicalOr(last_B, answered_B), [ANSWERED]: answered_B };
  }

  #continueTarget(parameters: TensorTree, x_LBD: Tensor, latents: Latents, last_B: Tensor): Tensor {
    const names = Object.keys(latents);
    return continueTarget(Object.values(latents), last_B, (state) => {
      const now = Object.fromEntries(names.map((name, i) => [name, state[i]!]));
      const next = this.#network.recur(parameters, x_LBD, now);
      return this.#heads.read(parameters, next[this.#network.answer]!);
    });
  }
}

/** Halting is a choice only where there is more than one step. */
function effective(act: ActOptions): ActOptions {
  if (act.haltMaxSteps > 1) return act;
  return { ...act, haltInTraining: 'nothing', haltInEvaluation: 'nothing', trainsContinue: false };
}

/** Start values of the latents. */
function startBuffers(
  latents: RecurrentNetwork['latents'],
  hiddenSize: number,
): Record<string, Declaration> {
  const starts = Object.values(latents).map((name): [string, Declaration] => [
    name,
    {
      shape: [hiddenSize],
      init: { kind: 'truncated-normal', std: 1 },
      reference: { name, transposed: false },
    },
  ]);
  return Object.fromEntries(starts);
}

function referenceTensors(
  folder: string,
  declared: Readonly<Record<string, { readonly reference: ReferenceTensor }>>,
): Record<string, ReferenceTensor> {
  const named = Object.entries(declared).map(([ours, { reference }]): [string, ReferenceTensor] => [
    `${folder}/${ours}`,
    { ...reference, name: REFERENCE_PREFIX + reference.name },
  ]);
  return Object.fromEntries(named);
}

function pick(tree: TensorTree, names: object): TensorTree {
  return Object.fromEntries(Object.keys(names).map((name) => [name, tree[name]!]));
}
