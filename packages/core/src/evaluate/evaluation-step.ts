/** One supervision step without gradient, and the runner that drives a batch to its last step. */
import type { EvaluationRows } from '../data/evaluation-batches.ts';
import type { DeviceTree, Engine, Executable, Program } from '../engine/engine.ts';
import type { Model } from '../model/model.ts';
import type { HostTree } from '../tensor/spec.ts';
import { packSums } from '../train/metrics.ts';
import { batchTensors } from '../train/step-runner.ts';
import { modelSpecs } from '../train/state.ts';
import { batchOf, batchSpecs, gatherTables } from '../train/train-step.ts';
import { under, within } from '../train/tree.ts';

const SUMS = 'sums';
/** Where the carry of an evaluation lies in the device tree, beside that of training. */
const CARRY = 'evaluation';

export interface EvaluationSizes {
  readonly batchSize: number;
  readonly seqLen: number;
}

function evaluationProgram(
  model: Model,
  sizes: EvaluationSizes,
  outputs: readonly string[],
): Program {
  const { batchSize, seqLen } = sizes;
  return {
    name: 'evaluate-step',
    state: { ...modelSpecs(model), ...under('carry', model.carry(batchSize)) },
    inputs: batchSpecs(batchSize, seqLen),
    run(state, inputs) {
      const buffers = within('buffers', state);
      const carry = model.admit(within('carry', state), batchOf(inputs), buffers);
      const result = model.step({
        parameters: within('parameters', state),
        buffers,
        rows: gatherTables(state, model.rowIds(carry)),
        carry,
        noise: {},
        training: false,
      });
      const wanted = Object.fromEntries(outputs.map((name) => [name, result.outputs[name]!]));
      return {
        state: under('carry', result.carry),
        outputs: { [SUMS]: packSums(model, result), ...under('outputs', wanted) },
      };
    },
  };
}

/** What a batch came to at its last supervision step. */
export interface BatchOutcome {
  /** Sums under the model's metric names. */
  readonly sums: Readonly<Record<string, number>>;
  readonly outputs: HostTree;
  /** The outputs after every supervision step, when asked for. */
  readonly trace: readonly HostTree[];
}

export class EvaluationRunner {
  readonly model: Model;
  readonly sizes: EvaluationSizes;
  readonly #executable: Executable;
  readonly #outputs: readonly string[];

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
  }

  static async compile(
    engine: Engine,
    model: Model,
    sizes: EvaluationSizes,
    outputs: readonly string[],
  ): Promise<EvaluationRunner> {
    const executable = await engine.compile(evaluationProgram(model, sizes, outputs));
    return new EvaluationRunner(model, sizes, executable, outputs);
  }

  /** Puts a fresh carry beside the weights. */
  async open(state: DeviceTree): Promise<void> {
    await state.write(under(CARRY, this.model.initialCarry(this.sizes.batchSize)));
  }

  async close(state: DeviceTree): Promise<void> {
    await state.dispose(Object.keys(under(CARRY, this.model.carry(this.sizes.batchSize))));
  }

  /**
   * Runs a batch to the model's last supervision step, at which every slot halts, so that the next
   * batch starts afresh. A second batch may be sent before the first resolves.
   *
   * @param averaged  read `average/` in place of `parameters/`
   */
  async run(
    state: DeviceTree,
    batch: EvaluationRows,
    options: { readonly averaged: boolean; readonly trace?: boolean },
  ): Promise<BatchOutcome> {
    const inputs = batchTensors(batch, this.sizes.batchSize);
    const bind = this.#binding(options.averaged);
    const fetch = [SUMS, ...this.#outputs.map((name) => `outputs/${name}`)];
    const calls = Array.from({ length: this.model.maxSteps }, (_, step) => {
      const wanted = options.trace === true || step === this.model.maxSteps - 1;
      return this.#executable.run(state, inputs, wanted ? { bind, fetch } : { bind });
    });
    const fetched = await Promise.all(calls);
    const last = fetched.at(-1)!;
    // The packed sums are the loss and then the metrics in the model's order.
    const names = ['loss', ...Object.keys(this.model.metrics)];
    const packed = last[SUMS]!.data;
    return {
      sums: Object.fromEntries(names.map((name, i) => [name, packed[i]!])),
      outputs: within('outputs', last),
      trace: options.trace === true ? fetched.map((tree) => within('outputs', tree)) : [],
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
