// Shape suffixes: L = positions, S = tokens, B = batch, D = hidden size, V = vocabulary.
import type {
  Batch,
  MetricKind,
  Model,
  RandomStream,
  ReferenceTensor,
  StepArguments,
  StepResult,
} from '@eddy/core';
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
import type {
  Embedding,
  HaltingValues,
  Latent,
  Latents,
  Readings,
  Readout,
  RecurrentNetwork,
} from './contract.ts';
import {
  continueTarget,
  explorationSteps,
  haltingRows,
  NO_HALTING,
  type Halting,
} from './halting.ts';
import { PUZZLE_TABLE } from './input-embedding.ts';
import type { ParameterDeclaration } from './parameters.ts';
import {
  joinParameters,
  requireHalting,
  requireLatents,
  requireNetwork,
  requireShape,
} from './requirements.ts';
import type { DatasetSizes } from './sizes.ts';
import { ANSWERED, Slots, type SlotLatent } from './slots.ts';

/** Deep supervision: how long a row is worked on, and what its answers are measured by. */
export interface Supervision {
  /** Supervision steps until a row halts at the latest. */
  readonly haltMaxSteps: number;
  /** Chance that a row must run a random number of steps before it may halt. */
  readonly haltExplorationProbability: number;
  readonly loss: LossName;
  readonly halting: Halting;
}

export interface ActModelOptions<N extends string = string> {
  readonly dataset: DatasetSizes;
  /** D: width of X and of the answer. */
  readonly hiddenSize: number;
  readonly embedding: Embedding;
  readonly network: RecurrentNetwork<N>;
  readonly readout: Readout;
  readonly supervision: Supervision;
}

/** Of the start of a latent: cut off at two standard deviations. */
const STANDARD_NORMAL = { kind: 'truncated-normal', std: 1 } as const;
/** Prefix of the reference's parameters: its models are inside its loss module. */
const REFERENCE_PREFIX = 'model.inner.';

/**
 * A recursive network under deep supervision with adaptive computation time (ACT).
 *
 * A slot of the batch works on a row for up to `haltMaxSteps` supervision steps. Each step is
 *
 *   X = embed(row);  latents ← recur(X, latents);  logits, q_halt, q_continue = read(answer)
 *   loss = Σ_rows [ mean over scored tokens of −log p(label) + ½·BCE(q_halt, row solved) + … ]
 *
 * and is one training step: the latents are carried to the next without gradient. Outputs are `preds`
 * int32 [B, S] and `logits` [B, S, V], with a readout that halts also `q_halt_logits` and
 * `q_continue_logits` [B]. Metrics are those of `actLoss`.
 *
 * @throws MODEL_PART_INVALID if the parts contradict each other: in the constructor, or while the step
 *   is traced, before training starts.
 * @source arXiv:2510.04871, sections 2.3 and 4; arXiv:2506.21734, section 2
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1`
 */
export class ActModel implements Model {
  readonly parameters: Model['parameters'];
  readonly buffers: Model['buffers'];
  readonly tables: Model['tables'];
  /** Present if every tensor of the model has a name in PyTorch. */
  readonly referenceTensors?: Readonly<Record<string, ReferenceTensor>>;
  readonly metrics: Readonly<Record<string, MetricKind>>;
  readonly maxSteps: number;
  readonly outputs: readonly string[];
  readonly carryBatchAxis: Readonly<Record<string, number>>;
  readonly #supervision: Supervision;
  readonly #dataset: DatasetSizes;
  readonly #hiddenSize: number;
  readonly #embedding: Embedding;
  readonly #network: RecurrentNetwork;
  readonly #readout: Readout;
  readonly #slots: Slots;

  constructor({ dataset, hiddenSize, supervision, ...parts }: ActModelOptions) {
    const { embedding, network, readout } = parts;
    const { numPositions, tables = {} } = embedding;
    requireNetwork(network, { numPositions, hiddenSize });
    requireHalting(readout, supervision.halting);
    this.#supervision = effective(supervision);
    this.#dataset = dataset;
    this.#hiddenSize = hiddenSize;
    this.#embedding = embedding;
    this.#network = network;
    this.#readout = readout;
    const latents = mapValues(network.latents, (latent, name) => ({
      positions: latent.positions ?? numPositions,
      width: latent.width ?? hiddenSize,
      start: latent.start ?? `${name}_start`,
    }));
    const { halting } = this.#supervision;
    const haltsInEvaluation = halting.inEvaluation !== 'nothing';
    this.#slots = new Slots({ seqLen: dataset.seqLen, latents, haltsInEvaluation });
    const parameters = joinParameters({
      embedding: embedding.parameters,
      network: network.parameters,
      readout: readout.parameters,
    });
    const buffers = startBuffers(network.latents, latents);
    this.parameters = parameters;
    this.buffers = buffers;
    this.tables = tables;
    const referenceTensors = referenceNames({ parameters, buffers, tables });
    if (referenceTensors !== undefined) this.referenceTensors = referenceTensors;
    this.maxSteps = supervision.haltMaxSteps;
    this.carryBatchAxis = this.#slots.batchAxis;
    this.outputs = [
      'preds',
      'logits',
      ...(readout.halts ? ['q_halt_logits', 'q_continue_logits'] : []),
    ];
    this.metrics = {
      count: 'count',
      accuracy: 'per-halted',
      exact_accuracy: 'per-halted',
      ...(readout.halts ? { q_halt_accuracy: 'per-halted' as const } : {}),
      steps: 'per-halted',
      lm_loss: 'per-row',
      ...(readout.halts ? { q_halt_loss: 'per-row' as const } : {}),
      ...(halting.trainsContinue ? { q_continue_loss: 'per-row' as const } : {}),
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
    const { haltExplorationProbability: probability } = this.#supervision;
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

  step({
    parameters,
    rows,
    carry,
    noise,
    training,
    countsPadding = false,
  }: StepArguments): StepResult {
    const x_LBD = this.#embed(parameters, carry['inputs']!, rows[PUZZLE_TABLE]);
    const { latents, steps_B } = this.#think(parameters, x_LBD, carry, training);
    const readings = this.#read(parameters, latents);

    const last_B = greaterEqual(steps_B, scalar(this.maxSteps, 'int32'));
    const halting = training
      ? { halted: this.#haltInTraining(readings, steps_B, last_B, noise['minSteps']!) }
      : this.#haltInEvaluation(readings, last_B, carry);
    const { trainsContinue } = this.#supervision.halting;
    const target =
      training && trainsContinue
        ? { targetContinue_B: this.#continueTarget(parameters, x_LBD, latents, last_B) }
        : {};

    const { loss, metrics, preds_SB } = actLoss({
      loss: this.#supervision.loss,
      logits_SBV: readings.logits_SBV,
      labels_SB: transpose(carry['labels']!),
      ...readings.halting,
      halted_B: halting.halted,
      countsUnlabelled: training || countsPadding,
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
        ...(readings.halting && {
          q_halt_logits: readings.halting.qHalt_B,
          q_continue_logits: readings.halting.qContinue_B,
        }),
      },
    };
  }

  #embed(parameters: TensorTree, inputs_BS: Tensor, row_BR: Tensor | undefined): Tensor {
    const x_LBD = this.#embedding.embed(parameters, inputs_BS, row_BR);
    const shape = [this.#embedding.numPositions, inputs_BS.shape[0], this.#hiddenSize];
    requireShape('embedding.embed', x_LBD, shape);
    return x_LBD;
  }

  #recur(parameters: TensorTree, x_LBD: Tensor, before: Latents): Latents {
    const after = this.#network.recur(parameters, x_LBD, before);
    requireLatents('network.recur', before, after);
    return after;
  }

  #read(parameters: TensorTree, latents: Latents): Readings {
    const z_LBD = latents[this.#network.answer]!;
    const readings = this.#readout.read(parameters, z_LBD);
    const B = z_LBD.shape[1]!;
    const { seqLen: S, vocabSize: V } = this.#dataset;
    requireShape('readout.read, logits_SBV', readings.logits_SBV, [S, B, V]);
    if (this.#readout.halts) {
      requireShape('readout.read, halting.qHalt_B', readings.halting?.qHalt_B, [B]);
      requireShape('readout.read, halting.qContinue_B', readings.halting?.qContinue_B, [B]);
    }
    return readings;
  }

  /** The next latents; a row that has answered stands still while the others of its batch go on. */
  #think(
    parameters: TensorTree,
    x_LBD: Tensor,
    carry: TensorTree,
    training: boolean,
  ): { latents: Latents; steps_B: Tensor } {
    const before = pick(carry, this.#network.latents);
    const latents = this.#recur(parameters, x_LBD, before);
    const steps_B = add(carry['steps']!, scalar(1, 'int32'));
    const answered_B = carry[ANSWERED];
    if (training || answered_B === undefined) return { latents, steps_B };
    const answered_1B1 = reshape(answered_B, [1, -1, 1]);
    return {
      latents: mapValues(latents, (z, name) => where(answered_1B1, before[name]!, z)),
      steps_B: where(answered_B, carry['steps']!, steps_B),
    };
  }

  /** A row halts at the last step, or when the rule and exploration let it. */
  #haltInTraining(
    { halting }: Readings,
    steps_B: Tensor,
    last_B: Tensor,
    minSteps_B: Tensor,
  ): Tensor {
    const { inTraining: rule } = this.#supervision.halting;
    if (rule === 'nothing' || halting === undefined) return last_B;
    const wants_B = logicalOr(last_B, haltingRows(rule, halting));
    return logicalAnd(wants_B, greaterEqual(steps_B, minSteps_B));
  }

  /** Most models run every row to the last step in evaluation. */
  #haltInEvaluation(
    { halting }: Readings,
    last_B: Tensor,
    carry: TensorTree,
  ): { halted: Tensor; [ANSWERED]?: Tensor } {
    const { inEvaluation: rule } = this.#supervision.halting;
    if (rule === 'nothing' || halting === undefined) return { halted: last_B };
    const answered_B = logicalOr(carry[ANSWERED]!, haltingRows(rule, halting));
    return { halted: logicalOr(last_B, answered_B), [ANSWERED]: answered_B };
  }

  #continueTarget(parameters: TensorTree, x_LBD: Tensor, latents: Latents, last_B: Tensor): Tensor {
    const names = Object.keys(latents);
    return continueTarget(Object.values(latents), last_B, (state): HaltingValues => {
      const now = Object.fromEntries(names.map((name, i) => [name, state[i]!]));
      const next = this.#recur(parameters, x_LBD, now);
      return this.#read(parameters, next).halting!;
    });
  }
}

/** Halting is a choice only where there is more than one step. */
function effective(supervision: Supervision): Supervision {
  return supervision.haltMaxSteps > 1 ? supervision : { ...supervision, halting: NO_HALTING };
}

function startBuffers(
  latents: Readonly<Record<string, Latent>>,
  sizes: Readonly<Record<string, SlotLatent>>,
): Record<string, ParameterDeclaration> {
  const starts = Object.entries(latents).map(
    ([latent, { init = STANDARD_NORMAL, reference }]): [string, ParameterDeclaration] => {
      const { start, width } = sizes[latent]!;
      const named = reference && { reference: { name: reference, transposed: false } };
      return [start, { shape: [width], init, ...named }];
    },
  );
  return Object.fromEntries(starts);
}

/** Names in PyTorch of all tensors; undefined where one has none. */
function referenceNames(
  folders: Readonly<
    Record<string, Readonly<Record<string, { readonly reference?: ReferenceTensor }>>>
  >,
): Record<string, ReferenceTensor> | undefined {
  const all: Record<string, ReferenceTensor> = {};
  for (const [folder, declared] of Object.entries(folders)) {
    for (const [ours, { reference }] of Object.entries(declared)) {
      if (reference === undefined) return undefined;
      all[`${folder}/${ours}`] = { ...reference, name: REFERENCE_PREFIX + reference.name };
    }
  }
  return all;
}

function mapValues<N extends string, A, B>(
  record: Readonly<Record<N, A>>,
  f: (value: A, name: N) => B,
): Record<N, B> {
  const entries = (Object.entries(record) as [N, A][]).map(([name, value]) => [
    name,
    f(value, name),
  ]);
  return Object.fromEntries(entries) as Record<N, B>;
}

function pick(tree: TensorTree, names: object): TensorTree {
  return Object.fromEntries(Object.keys(names).map((name) => [name, tree[name]!]));
}
