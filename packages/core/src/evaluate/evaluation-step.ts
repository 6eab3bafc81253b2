/** One supervision step without gradient, and the runner that drives a batch through its steps. */
import { add, cast } from '@tensorflow/tfjs-core';

import type { EvaluationRows } from '../data/evaluation-batches.ts';
import type { DeviceTree, Engine, Executable } from '../contracts/engine.ts';
import { type Program, sumOverDevices, mapTree, under, within } from '@eddy/tensor';
import type { Model } from '../contracts/model.ts';
import { sizeOf, type HostTree, type SpecTree } from '@eddy/tensor/spec';
import { packSums } from '../train/step/metrics.ts';
import { batchTensors } from '../train/step/step-runner.ts';
import { modelSpecs } from '../model/model-specs.ts';
import { batchOf, batchSpecs, gatherTables } from '../train/step/train-step.ts';
import { withProbabilities } from './probabilities.ts';

const SUMS = 'sums';
/** int32 [B]: the slots that take their row of the batch afresh at this step. */
const RESTART = 'restart';
/** Where the carry of an evaluation lies in the device tree, beside that of training. */
const CARRY = 'evaluation';

export interface EvaluationSizes {
  readonly batchSize: number;
  readonly seqLen: number;
}

/** What the host reads of a step, and what it adds to one. */
export interface EvaluationWiring {
  readonly outputs: readonly string[];
  /** Tensors of the carry that noise is added to before each step; none by default. */
  readonly noisy?: readonly string[];
  /** True if padded rows count in losses, as in the reference. */
  readonly countsPadding?: boolean;
}

/** A step as a program: `outputs/<name>` of the model, and the sums of its metrics. */
export function evaluationProgram(
  model: Model,
  { batchSize, seqLen }: EvaluationSizes,
  { outputs, noisy = [], countsPadding = false }: EvaluationWiring,
): Program {
  const carrySpecs = model.carry(batchSize);
  return {
    name: 'evaluate-step',
    state: { ...modelSpecs(model), ...under('carry', carrySpecs) },
    inputs: {
      ...batchSpecs(batchSize, seqLen),
      [RESTART]: { shape: [batchSize], dtype: 'int32' },
      ...under('noise', noiseSpecs(carrySpecs, noisy)),
    },
    sharing: {
      state: under('carry', model.carryBatchAxis),
      inputs: {
        ...mapTree(batchSpecs(batchSize, seqLen), () => 0),
        [RESTART]: 0,
        ...under('noise', noiseSplit(model, noisy)),
      },
      outputs: under('outputs', Object.fromEntries(outputs.map((name) => [name, 0]))),
    },
    run(state, inputs) {
      const buffers = within('buffers', state);
      // The host decides when a slot is done, not the model's last step: it may go on beyond it.
      const halted = cast(inputs[RESTART]!, 'bool');
      const admitted = model.admit({ ...within('carry', state), halted }, batchOf(inputs), buffers);
      const noise = mapTree(within('noise', inputs), (values, name) =>
        add(admitted[name]!, values),
      );
      const carry = { ...admitted, ...noise };
      const result = model.step({
        parameters: within('parameters', state),
        buffers,
        rows: gatherTables(state, model.rowIds(carry)),
        carry,
        noise: {},
        training: false,
        countsPadding,
      });
      const has = withProbabilities(result.outputs, outputs);
      const wanted = Object.fromEntries(outputs.map((name) => [name, has[name]!]));
      return {
        state: under('carry', result.carry),
        outputs: { [SUMS]: sumOverDevices(packSums(model, result)), ...under('outputs', wanted) },
      };
    },
  };
}

function noiseSpecs(carry: SpecTree, noisy: readonly string[]): SpecTree {
  return Object.fromEntries(noisy.map((name) => [name, carry[name]!]));
}

function noiseSplit(model: Model, noisy: readonly string[]): Record<string, number> {
  return Object.fromEntries(noisy.map((name) => [name, model.carryBatchAxis[name]!]));
}

export interface EvaluationRunOptions {
  /** Read `average/` in place of `parameters/`. */
  readonly averaged: boolean;
}

/** What a batch came to at its last supervision step. */
export interface BatchOutcome {
  /** Sums under the model's metric names. */
  readonly sums: Readonly<Record<string, number>>;
  readonly outputs: HostTree;
  /** The outputs named in `trace` after every supervision step; empty without it. */
  readonly trace: readonly HostTree[];
}

export class EvaluationRunner {
  readonly model: Model;
  readonly sizes: EvaluationSizes;
  readonly #executable: Executable;
  readonly #outputs: readonly string[];
  /**
   * What comes with the steps after a batch's first: no slot takes a row there (`Model.admit`), and
   * arrays of nothing but zeros are not sent to the engine's process.
   */
  readonly #noRows: HostTree;

  private constructor(
    model: Model,
    sizes: EvaluationSizes,
    executable: Executable,
    outputs: readonly string[],
  ) {
    this.model = model;
    this.sizes = sizes;
    this.#executable = executable;
    this.#outputs = outputs;
    this.#noRows = mapTree(batchSpecs(sizes.batchSize, sizes.seqLen), ({ shape }) => ({
      shape,
      dtype: 'int32',
      data: new Int32Array(sizeOf(shape)),
    }));
  }

  static async compile(
    engine: Engine,
    model: Model,
    sizes: EvaluationSizes,
    wiring: EvaluationWiring,
  ): Promise<EvaluationRunner> {
    const executable = await engine.compile(evaluationProgram(model, sizes, wiring));
    return new EvaluationRunner(model, sizes, executable, wiring.outputs);
  }

  /** Puts a fresh carry beside the weights. */
  async open(state: DeviceTree): Promise<void> {
    await state.write(under(CARRY, this.model.initialCarry(this.sizes.batchSize)));
  }

  async close(state: DeviceTree): Promise<void> {
    await state.dispose(Object.keys(under(CARRY, this.model.carry(this.sizes.batchSize))));
  }

  /**
   * Runs a batch to the model's last supervision step, as the reference evaluates. A second batch may
   * be sent before the first resolves.
   */
  async run(
    state: DeviceTree,
    batch: EvaluationRows,
    options: EvaluationRunOptions & {
      /** Names of outputs to keep after every supervision step. */
      readonly trace?: readonly string[] | undefined;
    },
  ): Promise<BatchOutcome> {
    const { maxSteps, metrics } = this.model;
    const { trace } = options;
    const send = this.#sender(state, batch, options);
    const calls = Array.from({ length: maxSteps }, (_, step) =>
      send(step, step === maxSteps - 1 ? this.#outputs : trace),
    );
    const fetched = await Promise.all(calls);
    const last = fetched.at(-1)!;
    // The packed sums are the loss and then the metrics in the model's order.
    const names = ['loss', ...Object.keys(metrics)];
    const packed = last[SUMS]!.data;
    return {
      sums: Object.fromEntries(names.map((name, i) => [name, packed[i]!])),
      outputs: within('outputs', last),
      trace: trace === undefined ? [] : fetched.map((tree) => within('outputs', tree)),
    };
  }

  /**
   * The outputs after the first supervision step, the second, … for as long as they are asked for,
   * beyond the model's last step too.
   *
   * @param noise  added to the `noisy` tensors of the carry before step `step`, counted from 0; as
   * the carry has them
   */
  async *steps(
    state: DeviceTree,
    batch: EvaluationRows,
    options: EvaluationRunOptions & { readonly noise?: (step: number) => HostTree },
  ): AsyncGenerator<HostTree, never> {
    const send = this.#sender(state, batch, options);
    for (let step = 0; ; step++) yield within('outputs', await send(step, this.#outputs));
  }

  #sender(
    state: DeviceTree,
    batch: EvaluationRows,
    options: EvaluationRunOptions & { readonly noise?: (step: number) => HostTree },
  ): (step: number, outputs: readonly string[] | undefined) => Promise<HostTree> {
    const { batchSize } = this.sizes;
    const rows = batchTensors(batch, batchSize);
    const bind = this.#binding(options.averaged);
    return (step, outputs) => {
      const data = new Int32Array(batchSize).fill(step === 0 ? 1 : 0);
      const inputs = {
        ...(step === 0 ? rows : this.#noRows),
        [RESTART]: { shape: [batchSize], dtype: 'int32' as const, data },
        ...under('noise', options.noise?.(step) ?? {}),
      };
      const fetch = outputs && [SUMS, ...outputs.map((name) => `outputs/${name}`)];
      return this.#executable.run(state, inputs, fetch === undefined ? { bind } : { bind, fetch });
    };
  }

  #binding(averaged: boolean): Record<string, string> {
    const carry = Object.keys(this.model.carry(this.sizes.batchSize));
    const parameters = averaged ? Object.keys(this.model.parameters) : [];
    return Object.fromEntries([
      ...carry.map((name) => [`carry/${name}`, `${CARRY}/${name}`]),
      ...parameters.map((name) => [`parameters/${name}`, `average/${name}`]),
    ]) as Record<string, string>;
  }
}
