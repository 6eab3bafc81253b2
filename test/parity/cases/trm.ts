/** `trm_*`: three training steps with gradients, then an evaluation, of the TRM reference. */
import type { HostTensor, HostTree, Model, TensorTree } from '@eddy/core';
import { createTrm, fromStateDict, toStateDict, trmConfig, type TrmConfig } from '@eddy/models';
import { gather, keep, valueAndGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

import { NotYet, type CaseHandler, type ParityEngine } from '../case-handler.ts';
import { assertClose, assertEqual } from '../compare.ts';
import type { Fixture, FixtureTensor } from '../fixture.ts';
import { runProgram } from '../run-program.ts';

/** As the README of the fixtures suggests for float32. */
const VALUE = { absolute: 1e-4 };
const GRADIENT = { relativeToMax: 2e-4 };

const LATENTS = ['z_H', 'z_L'] as const;
const EXACT_METRICS = ['count', 'exact_accuracy', 'q_halt_accuracy', 'steps'] as const;
const REAL_METRICS = ['accuracy', 'lm_loss', 'q_halt_loss', 'q_continue_loss'] as const;

export const handler: CaseHandler = {
  matches: (name) => name.startsWith('trm_') && !name.endsWith('_bf16'),
  engines: ['oracle', 'xla'],
  async run(fixture, engine) {
    const { arch } = fixture.json.config as { arch: string };
    if (!arch.startsWith('recursive_reasoning.trm@')) throw new NotYet('architecture');
    const run = new ReferenceRun(fixture, engine);
    await run.train();
    await run.evaluate();
  },
};

/** The model of a fixture with its weights, and its steps compared with the stored ones. */
export class ReferenceRun {
  readonly fixture: Fixture;
  readonly engine: ParityEngine;
  readonly config: TrmConfig;
  readonly model: Model;
  readonly #dataset: { vocabSize: number; seqLen: number; numPuzzleIdentifiers: number };
  readonly #state: HostTree;
  readonly #batchSize: number;

  constructor(fixture: Fixture, engine: ParityEngine) {
    this.fixture = fixture;
    this.engine = engine;
    const { config } = fixture.json;
    this.config = configOf(config);
    this.#dataset = {
      vocabSize: config.vocab_size,
      seqLen: config.seq_len,
      numPuzzleIdentifiers: config.num_puzzle_identifiers,
    };
    this.#batchSize = config.batch_size;
    this.model = createTrm(this.config, this.#dataset);
    const stateDict = mapTree(fixture.tensorsUnder('init/'), hostTensor);
    const { parameters, buffers, tables } = fromStateDict(this.config, this.#dataset, stateDict);
    this.#state = {
      ...prefixed('parameters/', parameters),
      ...prefixed('buffers/', buffers),
      ...prefixed('tables/', tables),
    };
  }

  async train(): Promise<void> {
    let carry = this.#carryIn();
    for (let t = 0; this.fixture.has(`step${t}/loss`); t++) {
      const result = await this.step(carry, this.#batch(t), true);
      const at = `step${t}`;
      this.#compareOutputs(at, result);
      this.#compareCarry(at, result);
      this.#compareGradients(at, result);
      carry = under('carry/', result);
    }
  }

  async evaluate(): Promise<void> {
    let carry = this.model.initialCarry(this.#batchSize) as HostTree;
    for (let t = 0; this.fixture.has(`eval${t}/loss`); t++) {
      const result = await this.step(carry, this.#batch(0), false);
      this.#compareOutputs(`eval${t}`, result);
      assertEqual(
        `eval${t}/halted`,
        result['carry/halted']!.data,
        this.fixture.tensor(`eval${t}/halted`),
      );
      carry = under('carry/', result);
    }
  }

  /** One supervision step with all gradients; the program's outputs. */
  step(carry: HostTree, batch: HostTree, training: boolean): Promise<HostTree> {
    const model = this.model;
    const program = (inputs: TensorTree): TensorTree => {
      const parameters = under('parameters/', inputs);
      const buffers = under('buffers/', inputs);
      const tables = under('tables/', inputs);
      const { inputs: tokens, labels, puzzleIdentifiers } = under('batch/', inputs);
      const admitted = model.admit(
        under('carry/', inputs),
        { inputs: tokens!, labels: labels!, puzzleIdentifiers: puzzleIdentifiers! },
        buffers,
      );
      const ids = model.rowIds(admitted);
      const rows = mapTree(ids, (id, table) => gather(tables[table]!, id as never));
      const names = Object.keys(parameters);
      const tableNames = Object.keys(rows);
      let result: ReturnType<Model['step']>;
      const loss = (...leaves: Tensor[]): Scalar => {
        result = model.step({
          parameters: Object.fromEntries(names.map((name, i) => [name, leaves[i]!])),
          rows: Object.fromEntries(tableNames.map((name, i) => [name, leaves[names.length + i]!])),
          buffers,
          carry: admitted,
          noise: under('noise/', inputs),
          training,
        });
        // Only the loss outlives the forward pass by itself.
        for (const tree of [result.metrics, result.outputs, result.carry]) {
          Object.values(tree).forEach((tensor) => keep(tensor));
        }
        return result.loss;
      };
      const { value, grads } = valueAndGrads(loss)([
        ...Object.values(parameters),
        ...Object.values(rows),
      ]);
      return {
        loss: value,
        ...prefixed('metrics/', result!.metrics),
        ...prefixed('outputs/', result!.outputs),
        ...prefixed('carry/', result!.carry),
        ...prefixed('gradients/', Object.fromEntries(names.map((n, i) => [n, grads[i]!]))),
        ...prefixed('rows/', rows),
        ...prefixed(
          'rowGradients/',
          Object.fromEntries(tableNames.map((n, i) => [n, grads[names.length + i]!])),
        ),
      };
    };
    const inputs: HostTree = {
      ...this.#state,
      ...prefixed('carry/', carry),
      ...prefixed('batch/', batch),
      // The fixtures were made without exploration.
      ...prefixed('noise/', {
        minSteps: {
          shape: [this.#batchSize],
          dtype: 'int32',
          data: new Int32Array(this.#batchSize),
        },
      } as HostTree),
    };
    const name = `${this.fixture.name}-${training ? 'train' : 'evaluate'}`;
    return runProgram(name, inputs, program, this.engine);
  }

  batch(t: number): HostTree {
    return this.#batch(t);
  }

  #batch(t: number): HostTree {
    return {
      inputs: hostTensor(this.fixture.tensor(`batch${t}/inputs`)),
      labels: hostTensor(this.fixture.tensor(`batch${t}/labels`)),
      puzzleIdentifiers: hostTensor(this.fixture.tensor(`batch${t}/puzzle_identifiers`)),
    };
  }

  /** The fixture's first carry: latents that must have no effect, every slot halted. */
  #carryIn(): HostTree {
    const carry = { ...this.model.initialCarry(this.#batchSize) };
    for (const name of LATENTS) {
      const shape = this.model.carry(this.#batchSize)[name]!.shape;
      const data = sequenceFirst(this.fixture.tensor(`carry_in/${name}`));
      carry[name] = { shape, dtype: 'float32', data };
    }
    return carry;
  }

  #compareOutputs(at: string, result: HostTree): void {
    const { fixture } = this;
    for (const name of ['logits', 'q_halt_logits', 'q_continue_logits']) {
      if (!fixture.has(`${at}/${name}`)) continue;
      assertClose(
        `${at}/${name}`,
        result[`outputs/${name}`]!.data,
        fixture.tensor(`${at}/${name}`),
        VALUE,
      );
    }
    assertEqual(`${at}/preds`, result['outputs/preds']!.data, fixture.tensor(`${at}/preds`));
    assertClose(`${at}/loss`, result['loss']!.data, fixture.tensor(`${at}/loss`), VALUE);
    for (const name of EXACT_METRICS) {
      const metric = `${at}/metrics/${name}`;
      assertEqual(metric, result[`metrics/${name}`]!.data, fixture.tensor(metric));
    }
    for (const name of REAL_METRICS) {
      const metric = `${at}/metrics/${name}`;
      if (!fixture.has(metric)) continue;
      assertClose(metric, result[`metrics/${name}`]!.data, fixture.tensor(metric), VALUE);
    }
  }

  #compareCarry(at: string, result: HostTree): void {
    const { fixture } = this;
    for (const name of LATENTS) {
      const expected = sequenceFirst(fixture.tensor(`${at}/carry/${name}`));
      assertClose(`${at}/carry/${name}`, result[`carry/${name}`]!.data, expected, VALUE);
    }
    for (const [ours, theirs] of [
      ['steps', 'steps'],
      ['halted', 'halted'],
      ['inputs', 'current_data/inputs'],
      ['labels', 'current_data/labels'],
      ['puzzleIdentifiers', 'current_data/puzzle_identifiers'],
    ] as const) {
      const name = `${at}/carry/${theirs}`;
      assertEqual(name, result[`carry/${ours}`]!.data, fixture.tensor(name));
    }
  }

  #compareGradients(at: string, result: HostTree): void {
    const { fixture } = this;
    const gradients = toStateDict(this.config, this.#dataset, {
      parameters: under('gradients/', result),
    });
    for (const [name, gradient] of Object.entries(gradients)) {
      const full = `${at}/grad/${name}`;
      const norm = `${at}/grad_norm/${name}`;
      if (fixture.has(full)) assertClose(full, gradient.data, fixture.tensor(full), GRADIENT);
      if (fixture.has(norm)) assertClose(norm, [l2(gradient.data)], fixture.tensor(norm), GRADIENT);
      if (!fixture.has(full) && !fixture.has(norm))
        throw new Error(`${at} has no gradient ${name}`);
    }
    for (const [ours, theirs, tolerance] of [
      ['rows', 'local_weights', { absolute: 0 }],
      ['rowGradients', 'local_weights_grad', GRADIENT],
    ] as const) {
      const name = `${at}/puzzle_emb/${theirs}`;
      const tensor = result[`${ours}/puzzleEmbedding`];
      if (tensor !== undefined) assertClose(name, tensor.data, fixture.tensor(name), tolerance);
    }
  }
}

/** The reference's arch config in our words. */
export function configOf(config: Record<string, unknown>): TrmConfig {
  return trmConfig.parse({
    hiddenSize: config['hidden_size'],
    numHeads: config['num_heads'],
    expansion: config['expansion'],
    hCycles: config['H_cycles'],
    lCycles: config['L_cycles'],
    numLayers: config['L_layers'],
    mlpT: config['mlp_t'],
    positionEncoding: config['pos_encodings'],
    ropeTheta: config['rope_theta'],
    rmsNormEpsilon: config['rms_norm_eps'],
    puzzleEmbeddingDim: config['puzzle_emb_ndim'],
    puzzleEmbeddingLength: config['puzzle_emb_len'],
    haltMaxSteps: config['halt_max_steps'],
    haltExplorationProbability: config['halt_exploration_prob'],
    noActContinue: config['no_ACT_continue'],
    loss: config['loss_type'] === 'softmax_cross_entropy' ? 'softmax' : 'stablemax',
  });
}

/** [B, L, D] of the reference to our [L, B, D]. */
export function sequenceFirst({ shape, data }: FixtureTensor): Float32Array {
  const [B, L, D] = shape as [number, number, number];
  const swapped = new Float32Array(data.length);
  for (let b = 0; b < B; b++) {
    for (let l = 0; l < L; l++) {
      swapped.set(data.subarray((b * L + l) * D, (b * L + l + 1) * D), (l * B + b) * D);
    }
  }
  return swapped;
}

export function hostTensor({ shape, data, dtype }: FixtureTensor): HostTensor {
  if (data instanceof Int32Array) return { shape, dtype: 'int32', data };
  if (dtype === 'BOOL') return { shape, dtype: 'bool', data: data as Uint8Array };
  return { shape, dtype: 'float32', data: Float32Array.from(data) };
}

function l2(values: ArrayLike<number>): number {
  return Math.hypot(...Array.from(values));
}

function under<T>(prefix: string, tree: Readonly<Record<string, T>>): Record<string, T> {
  const names = Object.keys(tree).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), tree[name]!]));
}

function prefixed<T>(prefix: string, tree: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [prefix + name, value]));
}

function mapTree<A, B>(
  tree: Readonly<Record<string, A>>,
  f: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, f(value, name)]));
}
