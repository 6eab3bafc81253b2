/** Single steps of a model on example weights and batches: what `modelSuite` compares. */
import { expect } from 'vitest';

import { NOT_SCORED } from '../data/collate.ts';
import type { Engine } from '../contracts/engine.ts';
import { type Program, mapTree, under } from '@eddy/tensor';
import { initialise } from '../model/initialise.ts';
import type { Model } from '../contracts/model.ts';
import { randomStream } from '../random/random-stream.ts';
import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor/spec';
import { stepProgram } from './step-program.ts';

export const BATCH_SIZE = 3;

interface ExampleSizes {
  readonly dataset: {
    readonly vocabSize: number;
    readonly seqLen: number;
    readonly numPuzzleIdentifiers: number;
  };
}

/** Weights as drawn, but tables of normals (they start at zero), a random batch and a fresh carry. */
export function exampleInputs(suite: ExampleSizes, model: Model, batch = 'batch'): HostTree {
  const random = randomStream(0);
  const draw = (folder: string, tree: Model['parameters']): HostTree =>
    mapTree(tree, (spec, name) => ({
      shape: spec.shape,
      dtype: 'float32',
      data: initialise(spec, random.stream(folder, name)),
    }));
  const { vocabSize, seqLen, numPuzzleIdentifiers } = suite.dataset;
  const tables = mapTree(model.tables, ({ rows, dim }) => ({
    shape: [rows, dim],
    init: { kind: 'truncated-normal', std: 1 } as const,
  }));
  const integers = (name: string, shape: number[], bound: number): HostTensor => {
    const stream = random.stream(batch, name);
    const data = Int32Array.from({ length: sizeOf(shape) }, () => stream.integer(bound));
    return { shape, dtype: 'int32', data };
  };
  return {
    ...under('parameters', draw('parameters', model.parameters)),
    ...under('buffers', draw('buffers', model.buffers)),
    ...under('tables', draw('tables', tables)),
    ...under('carry', model.initialCarry(BATCH_SIZE)),
    'batch/inputs': integers('inputs', [BATCH_SIZE, seqLen], vocabSize),
    'batch/labels': integers('labels', [BATCH_SIZE, seqLen], vocabSize),
    'batch/puzzleIdentifiers': integers('ids', [BATCH_SIZE], numPuzzleIdentifiers),
    ...under('noise', model.noise(BATCH_SIZE, random.stream('noise'))),
  };
}

export interface StepOptions {
  readonly training?: boolean;
  readonly recompute?: boolean;
  readonly batchSize?: number;
}

export async function runStep(
  suite: ExampleSizes,
  model: Model,
  engine: Engine,
  inputs: HostTree,
  { training = true, recompute = false, batchSize = BATCH_SIZE }: StepOptions = {},
): Promise<HostTree> {
  const { seqLen } = suite.dataset;
  const program = asEvaluated(
    stepProgram(model, { batchSize, seqLen, training, recompute }),
    training,
  );
  const executable = await engine.compile(program);
  const state = await engine.upload({});
  const known = Object.keys(executable.outputs);
  const fetch = known.length > 0 ? known : outputNames(model, training);
  try {
    const own = Object.keys(program.inputs).map((name) => [name, inputs[name]!] as const);
    return await executable.run(state, Object.fromEntries(own), { fetch });
  } finally {
    await state.dispose();
    await executable.dispose();
  }
}

/** An evaluation draws no noise: what a model reads of it there is not there. */
function asEvaluated(program: Program, training: boolean): Program {
  if (training) return program;
  const inputs = Object.entries(program.inputs).filter(([name]) => !name.startsWith('noise/'));
  return { ...program, inputs: Object.fromEntries(inputs), run: (...args) => program.run(...args) };
}

/** The same batch, a row without labels and one that lacks some. */
export function partlyLabelled(inputs: HostTree): HostTree {
  const labels = inputs['batch/labels']!;
  const seqLen = labels.shape[1]!;
  const data = labels.data
    .slice()
    .fill(NOT_SCORED, 0, seqLen)
    .fill(NOT_SCORED, 2 * seqLen - 1, 2 * seqLen);
  return { ...inputs, 'batch/labels': { ...labels, data } };
}

/** The example engine doesn't know a program's outputs before it ran. */
function outputNames(model: Model, training: boolean): string[] {
  const trees: Record<string, object> = {
    metrics: model.metrics,
    outputs: Object.fromEntries(model.outputs.map((name) => [name, name])),
    carry: model.carryBatchAxis,
    rows: model.tables,
    ...(training ? { gradients: model.parameters, rowGradients: model.tables } : {}),
  };
  const names = Object.entries(trees).flatMap(([folder, tree]) =>
    Object.keys(tree).map((name) => `${folder}/${name}`),
  );
  return ['loss', ...names];
}

/** The inputs of some rows, in some order. */
export function takeRows(model: Model, inputs: HostTree, rows: readonly number[]): HostTree {
  return mapTree(inputs, (tensor, name) => {
    if (name.startsWith('batch/') || name.startsWith('noise/')) return rowsOf(tensor, 0, rows);
    const axis = model.carryBatchAxis[name.replace(/^carry\//, '')];
    return name.startsWith('carry/') ? rowsOf(tensor, axis!, rows) : tensor;
  });
}

export function rowsOf(tensor: HostTensor, axis: number, rows: readonly number[]): HostTensor {
  const outer = sizeOf(tensor.shape.slice(0, axis));
  const inner = sizeOf(tensor.shape.slice(axis + 1));
  const size = tensor.shape[axis]!;
  const data = tensor.data.slice(0, outer * rows.length * inner);
  for (let o = 0; o < outer; o++) {
    rows.forEach((row, i) => {
      const from = (o * size + row) * inner;
      data.set(tensor.data.subarray(from, from + inner), (o * rows.length + i) * inner);
    });
  }
  return { ...tensor, shape: tensor.shape.with(axis, rows.length), data };
}

export function expectClose(
  what: string,
  actual: HostTensor,
  expected: HostTensor,
  tolerance: number,
): void {
  expect(actual.shape, `shape of ${what}`).toEqual(expected.shape);
  const values = Array.from(expected.data);
  const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  const bound = expected.dtype === 'float32' ? tolerance * Math.max(largest, 1e-3) : 0;
  values.forEach((value, i) => {
    if (Math.abs(actual.data[i]! - value) <= bound) return;
    expect.fail(`${what}[${i}] is ${actual.data[i]}, expected ${value} within ${bound}`);
  });
}
