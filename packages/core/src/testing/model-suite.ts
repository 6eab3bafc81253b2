/** What every model plugin must do, for authors inside and outside this repository. */
import type { z } from 'zod';
import { describe, expect, it } from 'vitest';

import type { Engine } from '../engine/engine.ts';
import { initialise } from '../model/initialise.ts';
import type { Model } from '../model/model.ts';
import { fromStateDict, toStateDict } from '../model/state-dict.ts';
import { randomStream } from '../random/random-stream.ts';
import { sizeOf, type HostTensor, type HostTree } from '../tensor/spec.ts';
import { mapTree, under, within } from '../train/tree.ts';
import { eagerEngine } from './eager-engine.ts';
import { stepProgram } from './step-program.ts';

export interface ModelSuite<C extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** The plugin's schema, and options for a small model: a few thousand parameters, maxSteps ≥ 2. */
  readonly config: C;
  readonly options: z.input<C>;
  readonly dataset: {
    readonly vocabSize: number;
    readonly seqLen: number;
    readonly numPuzzleIdentifiers: number;
  };
  create(config: z.output<C>, dataset: ModelSuite['dataset']): Model;
  /** Every parameter's shape, written down. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** Parameters or tables that get no gradient in a first step, with the reason. */
  readonly withoutGradient?: Readonly<Record<string, string>>;
  /** Float32 engines to compare with op-by-op TF.js, by name. */
  readonly engines?: Readonly<Record<string, () => Promise<Engine>>>;
  /** Of the descent on one batch; gradients are scaled to a root mean square of 1. */
  readonly learningRate?: number;
  /** Between ways to compute the same, relative to a tensor's largest absolute value. */
  readonly tolerance?: number;
}

const BATCH_SIZE = 3;
const DESCENT_STEPS = 12;

/**
 * Registers the suite with vitest. Import `@tensorflow/tfjs` and set its backend first.
 *
 * @example
 * modelSuite({ name: 'mine', config, options: {}, dataset, create, parameters: { head: [8, 4] } });
 */
export function modelSuite<C extends z.ZodType>(suite: ModelSuite<C>): void {
  const tolerance = suite.tolerance ?? 1e-4;
  const model = suite.create(suite.config.parse(suite.options), suite.dataset);
  const step = (inputs: HostTree, options?: StepOptions) =>
    runStep(suite, model, eagerEngine(), inputs, options);

  describe(`model ${suite.name}`, () => {
    it('has a config that survives JSON', () => {
      const config = suite.config.parse(suite.options);
      expect(suite.config.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
    });

    it('has the parameters of its table', () => {
      expect(mapTree(model.parameters, ({ shape }) => [...shape])).toEqual(suite.parameters);
    });

    it.skipIf(model.referenceTensors === undefined)('goes to a state_dict and back', () => {
      const state = Object.fromEntries(
        Object.entries(exampleInputs(suite, model)).filter(([name]) =>
          /^(parameters|buffers|tables)\//.test(name),
        ),
      );
      expect(fromStateDict(model, toStateDict(model, state))).toEqual(state);
    });

    it('starts with every slot free', () => {
      const carry = model.initialCarry(BATCH_SIZE);
      expect(mapTree(carry, ({ shape, dtype }) => ({ shape, dtype }))).toEqual(
        model.carry(BATCH_SIZE),
      );
      expect([...carry['halted']!.data]).toEqual(Array(BATCH_SIZE).fill(1));
      expect(Object.keys(model.carryBatchAxis).sort()).toEqual(Object.keys(carry).sort());
    });

    it('returns the carry, metrics and outputs that it declares', async () => {
      const inputs = exampleInputs(suite, model);
      for (const training of [true, false]) {
        const result = await step(inputs, { training });
        const carry = mapTree(within('carry', result), ({ shape, dtype }) => ({ shape, dtype }));
        expect(carry).toEqual(model.carry(BATCH_SIZE));
        const names = (folder: string) => Object.keys(within(folder, result)).sort();
        expect(names('metrics')).toEqual(Object.keys(model.metrics).sort());
        expect(names('outputs')).toEqual([...model.outputs].sort());
      }
    });

    it('gives every parameter and table a gradient, or says why not', async () => {
      const result = await step(exampleInputs(suite, model));
      const gradients = { ...within('gradients', result), ...within('rowGradients', result) };
      const zero = Object.keys(gradients).filter((name) =>
        gradients[name]!.data.every((value) => value === 0),
      );
      expect(zero.sort()).toEqual(Object.keys(suite.withoutGradient ?? {}).sort());
      for (const [name, { data }] of Object.entries(gradients)) {
        expect(data.every(Number.isFinite), `gradient of ${name} is finite`).toBe(true);
      }
    });

    it('has the same gradients when it computes its activations again', async () => {
      const inputs = exampleInputs(suite, model);
      const kept = await step(inputs);
      const recomputed = await step(inputs, { recompute: true });
      for (const [name, value] of Object.entries(kept)) {
        expectClose(name, recomputed[name]!, value, 1e-6);
      }
    });

    it('lowers its loss on one batch', async () => {
      let inputs = exampleInputs(suite, model);
      const losses: number[] = [];
      for (let i = 0; i < DESCENT_STEPS; i++) {
        const result = await step(inputs);
        losses.push(result['loss']!.data[0]!);
        inputs = descend(inputs, within('gradients', result), suite.learningRate ?? 0.01);
      }
      expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.9);
    });

    it('computes a batch as it computes its rows one by one', async () => {
      const inputs = exampleInputs(suite, model);
      const together = await step(inputs);
      let loss = 0;
      for (let row = 0; row < BATCH_SIZE; row++) {
        const alone = await step(takeRows(model, inputs, [row]), { batchSize: 1 });
        loss += alone['loss']!.data[0]!;
        for (const name of model.outputs) {
          const expected = rowsOf(together[`outputs/${name}`]!, 0, [row]);
          expectClose(name, alone[`outputs/${name}`]!, expected, tolerance);
        }
      }
      expect(Math.abs(loss - together['loss']!.data[0]!)).toBeLessThan(tolerance * Math.abs(loss));
    });

    it('does not care in which order the rows stand', async () => {
      const order = [2, 0, 1];
      const inputs = exampleInputs(suite, model);
      const straight = await step(inputs);
      const permuted = await step(takeRows(model, inputs, order));
      for (const name of model.outputs) {
        const expected = rowsOf(straight[`outputs/${name}`]!, 0, order);
        expectClose(name, permuted[`outputs/${name}`]!, expected, tolerance);
      }
      for (const [name, axis] of Object.entries(model.carryBatchAxis)) {
        const expected = rowsOf(straight[`carry/${name}`]!, axis, order);
        expectClose(`carry ${name}`, permuted[`carry/${name}`]!, expected, tolerance);
      }
      for (const [name, gradient] of Object.entries(within('gradients', straight))) {
        expectClose(`gradient of ${name}`, permuted[`gradients/${name}`]!, gradient, tolerance);
      }
    });

    it('keeps the rows of slots that work on, and ends an evaluation at maxSteps', async () => {
      const first = exampleInputs(suite, model);
      const other = exampleInputs(suite, model, 'another batch');
      let inputs = first;
      for (let i = 1; i <= model.maxSteps; i++) {
        const result = await step(inputs, { training: false });
        const done = [...result['carry/halted']!.data].map(Boolean);
        expect(done, `halted after step ${i}`).toEqual(
          Array(BATCH_SIZE).fill(i === model.maxSteps),
        );
        expect(result['carry/inputs']!.data).toEqual(first['batch/inputs']!.data);
        const carry = under('carry', within('carry', result));
        inputs = { ...inputs, ...under('batch', within('batch', other)), ...carry };
      }
      const next = await step(inputs, { training: false });
      expect(next['carry/inputs']!.data).toEqual(other['batch/inputs']!.data);
    });
  });

  modelEngineSuite(suite);
}

/** What `modelSuite` needs to know to compare engines. */
export type ModelEngineSuite<C extends z.ZodType = z.ZodType> = Omit<ModelSuite<C>, 'parameters'>;

/** Of `modelSuite` the comparison of `suite.engines` with op-by-op TF.js, by itself. */
export function modelEngineSuite<C extends z.ZodType>(suite: ModelEngineSuite<C>): void {
  const tolerance = suite.tolerance ?? 1e-4;
  const engines = Object.entries(suite.engines ?? {});
  describe.each(engines)(`model ${suite.name} on %s`, (_name, create) => {
    it.each([
      ['training', { training: true }],
      ['training that recomputes', { training: true, recompute: true }],
      ['evaluation', { training: false }],
    ])('computes in %s what it computes op by op', async (_mode, mode) => {
      const model = suite.create(suite.config.parse(suite.options), suite.dataset);
      const inputs = exampleInputs(suite, model);
      const engine = await create();
      try {
        const expected = await runStep(suite, model, eagerEngine(), inputs, {
          training: mode.training,
        });
        const actual = await runStep(suite, model, engine, inputs, mode);
        for (const [output, value] of Object.entries(expected)) {
          expectClose(output, actual[output]!, value, tolerance);
        }
      } finally {
        await engine.dispose();
      }
    });
  });
}

/** Weights as drawn, but tables of normals (they start at zero), a random batch and a fresh carry. */
function exampleInputs(suite: ModelEngineSuite, model: Model, batch = 'batch'): HostTree {
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

interface StepOptions {
  readonly training?: boolean;
  readonly recompute?: boolean;
  readonly batchSize?: number;
}

async function runStep(
  suite: ModelEngineSuite,
  model: Model,
  engine: Engine,
  inputs: HostTree,
  { training = true, recompute = false, batchSize = BATCH_SIZE }: StepOptions = {},
): Promise<HostTree> {
  const { seqLen } = suite.dataset;
  const program = stepProgram(model, { batchSize, seqLen, training, recompute });
  const executable = await engine.compile(program);
  const state = await engine.upload({});
  const known = Object.keys(executable.outputs);
  const fetch = known.length > 0 ? known : outputNames(model, training);
  try {
    return await executable.run(state, inputs, { fetch });
  } finally {
    await state.dispose();
    await executable.dispose();
  }
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

/** A step of gradient descent with each gradient scaled to a root mean square of 1. */
function descend(inputs: HostTree, gradients: HostTree, learningRate: number): HostTree {
  const updated = mapTree(gradients, ({ data, shape, dtype }, name) => {
    const square = Array.from(data).reduce((sum, x) => sum + x * x, 0) / data.length;
    const scale = learningRate / Math.sqrt(square + 1e-16);
    const before = inputs[`parameters/${name}`]!.data;
    return { shape, dtype, data: Float32Array.from(before, (x, i) => x - scale * data[i]!) };
  });
  return { ...inputs, ...under('parameters', updated) };
}

/** The inputs of some rows, in some order. */
function takeRows(model: Model, inputs: HostTree, rows: readonly number[]): HostTree {
  return mapTree(inputs, (tensor, name) => {
    if (name.startsWith('batch/') || name.startsWith('noise/')) return rowsOf(tensor, 0, rows);
    const axis = model.carryBatchAxis[name.replace(/^carry\//, '')];
    return name.startsWith('carry/') ? rowsOf(tensor, axis!, rows) : tensor;
  });
}

function rowsOf(tensor: HostTensor, axis: number, rows: readonly number[]): HostTensor {
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

function expectClose(
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
