/** What every model plugin must do, for authors inside and outside this repository. */
import type { z } from 'zod';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Engine } from '../contracts/engine.ts';
import type { Model } from '../contracts/model.ts';
import { fromStateDict, toStateDict } from '../model/state-dict.ts';
import { randomStream } from '../random/random-stream.ts';
import { zeros, type HostTree, type SpecTree } from '@eddy/tensor/spec';
import { mapTree, under, within } from '@eddy/tensor';
import { eagerEngine } from './eager-engine.ts';
import {
  BATCH_SIZE,
  exampleInputs,
  expectClose,
  partlyLabelled,
  rowsOf,
  runStep,
  takeRows,
  type StepOptions,
} from './model-steps.ts';

/** What every model knows of its data; a model that reads more of it, such as the grid, adds that. */
export interface ModelSuiteDataset {
  readonly vocabSize: number;
  readonly seqLen: number;
  readonly numPuzzleIdentifiers: number;
}

export interface ModelSuite<
  C extends z.ZodType = z.ZodType,
  D extends ModelSuiteDataset = ModelSuiteDataset,
> {
  readonly name: string;
  /** The plugin's schema, and options for a small model: a few thousand parameters, few steps. */
  readonly config: C;
  readonly options: z.input<C>;
  readonly dataset: D;
  /** The model as the plugin creates it: `(config, dataset) => plugin.create(config, { dataset })`. */
  create(config: z.output<C>, dataset: D): Model | Promise<Model>;
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

const DESCENT_STEPS = 12;
/** What a carry has of a batch. */
const ROWS_IN_WORK = ['inputs', 'labels', 'puzzleIdentifiers'];

/**
 * Registers the suite with vitest. Import a backend and `@eddy/tfjs`, and set the backend, first.
 *
 * A model needs neither latents, nor halting, nor names in PyTorch: what it lacks is not tested.
 *
 * @example
 * modelSuite({ name: 'mine', config, options: {}, dataset, create, parameters: { head: [8, 4] } });
 */
export function modelSuite<C extends z.ZodType, D extends ModelSuiteDataset>(
  suite: ModelSuite<C, D>,
): void {
  const tolerance = suite.tolerance ?? 1e-4;
  let model!: Model;
  const step = (inputs: HostTree, options?: StepOptions) =>
    runStep(suite, model, eagerEngine(), inputs, options);
  /** The last step of an evaluation. */
  const evaluated = async (inputs: HostTree, batchSize = BATCH_SIZE): Promise<HostTree> => {
    let result: HostTree = {};
    for (let i = 0; i < model.maxSteps; i++) {
      const carry = under('carry', within('carry', result));
      result = await step({ ...inputs, ...carry }, { training: false, batchSize });
    }
    return result;
  };

  describe(`model ${suite.name}`, () => {
    beforeAll(async () => {
      model = await suite.create(suite.config.parse(suite.options), suite.dataset);
    });

    it('has a config that survives JSON', () => {
      const config = suite.config.parse(suite.options);
      expect(suite.config.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
    });

    it('counts its rows', () => {
      const counts = Object.entries(model.metrics).filter(([, kind]) => kind === 'count');
      expect(counts).toEqual([['count', 'count']]);
    });

    it('has the parameters of its table', () => {
      expect(mapTree(model.parameters, ({ shape }) => [...shape])).toEqual(suite.parameters);
    });

    it('goes to a state_dict and back, or says that it has no names in PyTorch', () => {
      const state = Object.fromEntries(
        Object.entries(exampleInputs(suite, model)).filter(([name]) =>
          /^(parameters|buffers|tables)\//.test(name),
        ),
      );
      if (model.referenceTensors === undefined) {
        expect(() => toStateDict(model, state)).toThrow('STATE_DICT_UNKNOWN');
      } else {
        expect(fromStateDict(model, toStateDict(model, state))).toEqual(state);
      }
    });

    it('starts with every slot free', () => {
      const carry = model.initialCarry(BATCH_SIZE);
      expect(specsOf(carry)).toEqual(model.carry(BATCH_SIZE));
      expect([...carry['halted']!.data]).toEqual(Array(BATCH_SIZE).fill(1));
      expect(Object.keys(model.carryBatchAxis).sort()).toEqual(Object.keys(carry).sort());
    });

    it('draws the noise that it declares, from the stream alone', () => {
      const noise = () => model.noise(BATCH_SIZE, randomStream(5).stream('noise'));
      expect(specsOf(noise())).toEqual(model.noiseSpecs(BATCH_SIZE));
      expect(noise()).toEqual(noise());
    });

    it('returns the carry, metrics and outputs that it declares', async () => {
      const inputs = exampleInputs(suite, model);
      for (const training of [true, false]) {
        const result = await step(inputs, { training });
        expect(specsOf(within('carry', result))).toEqual(model.carry(BATCH_SIZE));
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
      const message =
        'the loss did not fall; a lower `learningRate` of the suite may suit this model';
      expect(losses.at(-1), message).toBeLessThan(losses[0]! * 0.9);
    });

    it('stands tokens and rows without labels', async () => {
      const result = await step(partlyLabelled(exampleInputs(suite, model)));
      for (const name of ['loss', ...Object.keys(model.parameters).map((p) => `gradients/${p}`)]) {
        expect(result[name]!.data.every(Number.isFinite), `${name} is finite`).toBe(true);
      }
    });

    it('counts the rows that have labels, and adds its metrics over them', async () => {
      const inputs = partlyLabelled(exampleInputs(suite, model));
      const together = within('metrics', await evaluated(inputs));
      expect(together['count']!.data[0]).toBe(BATCH_SIZE - 1);
      const alone = [1, 2].map((row) => evaluated(takeRows(model, inputs, [row]), 1));
      const rows = (await Promise.all(alone)).map((result) => within('metrics', result));
      for (const [name, kind] of Object.entries(model.metrics)) {
        if (kind === 'per-row') continue;
        const sum = rows.reduce((total, metrics) => total + metrics[name]!.data[0]!, 0);
        expect(together[name]!.data[0], name).toBeCloseTo(sum, 4);
      }
    });

    it('goes on from the latents that it carries, if it does', async () => {
      const latents = Object.values(model.carry(1)).filter(({ dtype }) => dtype === 'float32');
      const inputs = exampleInputs(suite, model);
      const carry = within('carry', await step(inputs, { training: false }));
      const forgotten = mapTree(carry, (value) =>
        value.dtype === 'float32' ? zeros(value) : value,
      );
      const [on, anew] = await Promise.all(
        [carry, forgotten].map((from) =>
          step({ ...inputs, ...under('carry', from) }, { training: false }),
        ),
      );
      const isForgotten = on!['loss']!.data[0] !== anew!['loss']!.data[0];
      expect(isForgotten).toBe(latents.length > 0);
    });

    it('frees every slot within maxSteps of training', async () => {
      let inputs = exampleInputs(suite, model);
      const freed = new Set<number>();
      for (let i = 1; i <= model.maxSteps; i++) {
        const noise = under('noise', model.noise(BATCH_SIZE, randomStream(0).stream('noise', i)));
        const result = await step({ ...inputs, ...noise });
        result['carry/halted']!.data.forEach((halted, row) => halted !== 0 && freed.add(row));
        inputs = { ...inputs, ...under('carry', within('carry', result)) };
      }
      expect(freed.size).toBe(BATCH_SIZE);
    });

    it('computes a batch as it computes its rows one by one', async () => {
      const inputs = exampleInputs(suite, model);
      const together = await step(inputs);
      let loss = 0;
      const sums: Record<string, number> = {};
      for (let row = 0; row < BATCH_SIZE; row++) {
        const alone = await step(takeRows(model, inputs, [row]), { batchSize: 1 });
        loss += alone['loss']!.data[0]!;
        for (const [name, { data }] of Object.entries(within('metrics', alone))) {
          sums[name] = (sums[name] ?? 0) + data[0]!;
        }
        for (const name of model.outputs) {
          const expected = rowsOf(together[`outputs/${name}`]!, 0, [row]);
          expectClose(name, alone[`outputs/${name}`]!, expected, tolerance);
        }
      }
      expect(Math.abs(loss - together['loss']!.data[0]!)).toBeLessThan(tolerance * Math.abs(loss));
      for (const [name, sum] of Object.entries(sums)) {
        const difference = Math.abs(sum - together[`metrics/${name}`]!.data[0]!);
        expect(difference, name).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(sum)));
      }
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
      const other = under('batch', within('batch', exampleInputs(suite, model, 'another batch')));
      const kept = ROWS_IN_WORK.filter((name) => name in model.carryBatchAxis);
      expect(kept).toContain('inputs');
      let inputs = first;
      for (let i = 1; i <= model.maxSteps; i++) {
        const result = await step(inputs, { training: false });
        const done = [...result['carry/halted']!.data].map(Boolean);
        expect(done, `halted after step ${i}`).toEqual(
          Array(BATCH_SIZE).fill(i === model.maxSteps),
        );
        for (const name of kept) {
          expect(result[`carry/${name}`]!.data, name).toEqual(first[`batch/${name}`]!.data);
        }
        inputs = { ...inputs, ...other, ...under('carry', within('carry', result)) };
      }
      // A slot that was freed starts as a new one does.
      const next = await step(inputs, { training: false });
      const fresh = await step({ ...first, ...other }, { training: false });
      for (const [name, value] of Object.entries(fresh)) expectClose(name, next[name]!, value, 0);
    });
  });

  modelEngineSuite(suite);
}

/** What `modelSuite` needs to know to compare engines. */
export type ModelEngineSuite<
  C extends z.ZodType = z.ZodType,
  D extends ModelSuiteDataset = ModelSuiteDataset,
> = Omit<ModelSuite<C, D>, 'parameters'>;

/** Compares `suite.engines` with op-by-op TF.js: the part of `modelSuite` that needs engines. */
export function modelEngineSuite<C extends z.ZodType, D extends ModelSuiteDataset>(
  suite: ModelEngineSuite<C, D>,
): void {
  const tolerance = suite.tolerance ?? 1e-4;
  const engines = Object.entries(suite.engines ?? {});
  describe.each(engines)(`model ${suite.name} on %s`, (_name, create) => {
    it.each([
      ['training', { training: true }],
      ['training that recomputes', { training: true, recompute: true }],
      ['evaluation', { training: false }],
    ])('computes in %s what it computes op by op', async (_mode, mode) => {
      const model = await suite.create(suite.config.parse(suite.options), suite.dataset);
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

function specsOf(tree: HostTree): SpecTree {
  return mapTree(tree, ({ shape, dtype }) => ({ shape, dtype }));
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
