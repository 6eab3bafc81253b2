/** A compiled training step: feeds batches, noise and scalars to the programs of a step. */
import type { HostBatch } from '../../contracts/dataset.ts';
import type { CompileOptions, DeviceTree, Engine, Executable } from '../../contracts/engine.ts';
import type { Scheduled } from '../../contracts/optimizer.ts';
import type { RandomStream } from '../../random/random-stream.ts';
import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor/spec';
import { unpackReport, type StepSums } from './metrics.ts';
import { accumulateProgram, applyProgram, PER_MICRO_BATCH } from './micro-batch-step.ts';
import { numMicroBatches } from './state.ts';
import type { BatchSizes, TrainingParts } from './parts.ts';
import { REPORT, wholeStepProgram } from './train-step.ts';
import { mapTree, under } from '@eddy/tensor';

export interface TrainStepInputs {
  readonly batch: HostBatch;
  /** 1 at the first update. */
  readonly step: number;
  readonly totalSteps: number;
  /** Root of the run's randomness; the step draws from a stream of its number. */
  readonly random: RandomStream;
}

export class StepRunner {
  readonly parts: TrainingParts;
  readonly sizes: BatchSizes;
  readonly executables: readonly Executable[];
  /** Of each micro-batch: program state name → device name. */
  readonly #bindings: readonly Readonly<Record<string, string>>[];

  /** @param executables  [whole step], or [accumulate, apply] */
  constructor(parts: TrainingParts, sizes: BatchSizes, executables: readonly Executable[]) {
    this.parts = parts;
    this.sizes = sizes;
    this.executables = executables;
    this.#bindings = numMicroBatches(sizes) === 1 ? [] : bindingsOf(parts, sizes);
  }

  static async compile(
    engine: Engine,
    parts: TrainingParts,
    sizes: BatchSizes,
    options: CompileOptions = {},
  ): Promise<StepRunner> {
    if (numMicroBatches(sizes) === 1) {
      const whole = await engine.compile(wholeStepProgram(parts, sizes), options);
      return new StepRunner(parts, sizes, [whole]);
    }
    const executables = await Promise.all([
      engine.compile(accumulateProgram(parts, sizes)),
      engine.compile(applyProgram(parts, sizes), options),
    ]);
    return new StepRunner(parts, sizes, executables);
  }

  /** Sends a step to the engine; the next may be sent before this one resolves. */
  async run(state: DeviceTree, inputs: TrainStepInputs): Promise<StepSums> {
    const last = this.executables.at(-1)!;
    const [first] = this.executables;
    const batch = this.batchInputs(inputs);
    const scalars = this.scalarInputs(inputs);
    const fetch = [REPORT];
    if (this.executables.length === 1) {
      const outputs = await last.run(state, { ...batch, ...scalars }, { fetch });
      return this.#unpack(outputs);
    }
    const sent = this.microBatches(batch).map((part, i) =>
      first!.run(state, part, { bind: this.bindingOf(i) }),
    );
    const [outputs] = await Promise.all([last.run(state, scalars, { fetch }), ...sent]);
    return this.#unpack(outputs);
  }

  async dispose(): Promise<void> {
    await Promise.all(this.executables.map((executable) => executable.dispose()));
  }

  /** The global batch and its noise as the inputs of the programs. */
  batchInputs({ batch, step, random }: TrainStepInputs): HostTree {
    const { globalBatchSize } = this.sizes;
    const noise = this.parts.model.noise(globalBatchSize, random.stream('noise', step));
    return { ...batchTensors(batch, globalBatchSize), ...under('noise', noise) };
  }

  scalarInputs({ step, totalSteps }: TrainStepInputs): HostTree {
    const progress = { step, totalSteps };
    return {
      ...under('optimizer', scalarTensors(this.parts.optimizer.scalars(progress))),
      ...under('rowOptimizer', scalarTensors(scalarsOf(this.parts.rowOptimizer, progress))),
    };
  }

  /** The inputs of each micro-batch: its rows of every tensor. */
  microBatches(inputs: HostTree): HostTree[] {
    const { microBatchSize } = this.sizes;
    return Array.from({ length: numMicroBatches(this.sizes) }, (_, i) =>
      mapTree(inputs, (tensor) => rowsOf(tensor, i * microBatchSize, microBatchSize)),
    );
  }

  /** Program state name → device name of micro-batch `index`. */
  bindingOf(index: number): Readonly<Record<string, string>> {
    return this.#bindings[index]!;
  }

  #unpack(outputs: HostTree): StepSums {
    return unpackReport(this.parts, outputs[REPORT]!.data);
  }
}

function bindingsOf(parts: TrainingParts, sizes: BatchSizes): Record<string, string>[] {
  const own = Object.keys(accumulateProgram(parts, sizes).state).flatMap((name) => {
    const [folder = ''] = name.split('/', 1);
    return PER_MICRO_BATCH.includes(folder) ? [{ name, folder }] : [];
  });
  return Array.from({ length: numMicroBatches(sizes) }, (_, i) =>
    Object.fromEntries(
      own.map(({ name, folder }) => [name, `${folder}.${i}${name.slice(folder.length)}`]),
    ),
  );
}

/** A host batch under the input names of the programs. */
export function batchTensors(batch: HostBatch, batchSize: number): HostTree {
  const seqLen = batch.inputs.length / batchSize;
  const int32 = (data: Int32Array, shape: readonly number[]): HostTensor => ({
    shape,
    dtype: 'int32',
    data,
  });
  return {
    'batch/inputs': int32(batch.inputs, [batchSize, seqLen]),
    'batch/labels': int32(batch.labels, [batchSize, seqLen]),
    'batch/puzzleIdentifiers': int32(batch.puzzleIdentifiers, [batchSize]),
  };
}

/** Rows [start, start + count) of a tensor whose axis 0 is the batch. */
function rowsOf(tensor: HostTensor, start: number, count: number): HostTensor {
  const rowSize = sizeOf(tensor.shape.slice(1));
  return {
    shape: [count, ...tensor.shape.slice(1)],
    dtype: tensor.dtype,
    data: tensor.data.subarray(start * rowSize, (start + count) * rowSize),
  };
}

function scalarTensors(values: Readonly<Record<string, number>>): HostTree {
  return mapTree(values, (value) => ({
    shape: [],
    dtype: 'float32' as const,
    data: Float32Array.of(value),
  }));
}

function scalarsOf(
  scheduled: Scheduled | undefined,
  progress: { readonly step: number; readonly totalSteps: number },
): Record<string, number> {
  return scheduled?.scalars(progress) ?? {};
}
