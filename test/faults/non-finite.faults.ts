/**
 * NaN and infinities in loss, gradient, weight and input, at random steps: noticed within a step, named, and never in
 * a checkpoint; a rollback trains on to what an undisturbed training reaches.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { rm } from 'node:fs/promises';

import { add, customGrad, mean, setBackend, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import { randomStream, type Engine, type Model } from '@eddy/core';
import { listCheckpoints, loadCheckpoint } from '@eddy/core/checkpoint';
import { eagerEngine, freshFolder } from '@eddy/core/testing';
import type { HostTree } from '@eddy/tensor';
import { beforeAll, describe, expect, it } from 'vitest';

// A training in a few lines, which core's own tests share.
import {
  runTraining,
  toyTraining,
  type ToyRun,
} from '../../packages/core/src/testing/toy-training.ts';
import { count } from '../counts.ts';

const PLANTINGS = count(25, 125);
const ROLLBACKS = count(4, 20);
/** 4 steps an iteration of 2 epochs. */
const STEPS = 12;
const BAD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const folder = freshFolder();
const random = randomStream(2026).stream('faults', 'non-finite');
beforeAll(() => setBackend('cpu'));

/** What is planted where, and what the error may name: a bad learning rate is seen by the weights it makes. */
const KINDS = {
  loss: { input: 'noise/intoLoss', names: /^loss$/ },
  gradient: { input: 'noise/intoGradient', names: /^gradients\/bias$/ },
  input: { input: 'noise/jitter', names: /^loss$/ },
  'learning rate': { input: 'optimizer/learningRate', names: /^(?:loss|parameters\/\w+)$/ },
  weight: { state: ['parameters/embed', 'parameters/head', 'parameters/bias'], names: /^loss$/ },
} as const;
type Kind = keyof typeof KINDS;

/** x; its gradient has `poison` added. */
function withGradientOf(x: Tensor, poison: Tensor): Tensor {
  return customGrad((value, added) => ({
    value: (value as Tensor).clone(),
    gradFunc: (dy: Tensor) => [add(dy, mean(added as Tensor)), zerosLike(added as Tensor)],
  }))(x, poison);
}

/** Inputs of zeros, by which a test gets at the loss alone and at a gradient alone. */
function poisonable(model: Model): Model {
  const more = (batchSize: number) => ({
    intoLoss: { shape: [batchSize], dtype: 'float32' as const },
    intoGradient: { shape: [batchSize], dtype: 'float32' as const },
  });
  return {
    ...model,
    noiseSpecs: (batchSize) => ({ ...model.noiseSpecs(batchSize), ...more(batchSize) }),
    noise: (batchSize, stream) => {
      const zeros = Object.entries(more(batchSize)).map(([name, spec]) => [
        name,
        { ...spec, data: new Float32Array(batchSize) },
      ]);
      return { ...model.noise(batchSize, stream), ...(Object.fromEntries(zeros) as HostTree) };
    },
    step(args) {
      const { parameters, noise } = args;
      const bias = withGradientOf(parameters['bias']!, noise['intoGradient']!);
      const result = model.step({ ...args, parameters: { ...parameters, bias } });
      const loss = add(result.loss, mean(noise['intoLoss']!));
      return { ...result, loss: loss as typeof result.loss };
    },
  };
}

/** Plants a value before a step. */
function plantingEngine(kind: Kind, at: number, value: number): Engine {
  const engine = eagerEngine();
  const plant = KINDS[kind];
  return {
    ...engine,
    compile: async (program) => {
      const executable = await engine.compile(program);
      let step = 0;
      let turn: Promise<unknown> = Promise.resolve();
      return {
        name: executable.name,
        outputs: executable.outputs,
        stats: executable.stats,
        dispose: () => executable.dispose(),
        run: (state, inputs, options) => {
          const done = turn.then(async () => {
            step = inputs['optimizer/step']?.data[0] ?? step;
            if (step !== at) return executable.run(state, inputs, options);
            if ('input' in plant) {
              return executable.run(state, spoilt(inputs, plant.input, value), options);
            }
            const name = plant.state[random.integer(plant.state.length)]!;
            await state.write(spoilt(await state.read([name]), name, value));
            return executable.run(state, inputs, options);
          });
          turn = done;
          done.catch(() => undefined); // heard of by whoever waits for it
          return done;
        },
      };
    },
  };
}

function spoilt(tree: HostTree, name: string, value: number): HostTree {
  const { data, ...spec } = tree[name]!;
  const copy = Float32Array.from(data);
  copy[random.integer(copy.length)] = value;
  return { ...tree, [name]: { ...spec, data: copy } };
}

function optionsOf(nonFinite: 'stop' | 'rollback', epochs: number, every: number) {
  const options = toyTraining({
    folder: folder.path,
    epochs,
    checkpoint: { every, keep: 1000 },
  });
  const parts = { ...options.parts, model: poisonable(options.parts.model), nonFinite };
  return { ...options, parts };
}

async function expectFiniteCheckpoints(): Promise<void> {
  for (const { path } of await listCheckpoints(folder.path)) {
    for (const [name, { data }] of Object.entries((await loadCheckpoint(path)).state)) {
      expect(
        data.every((value) => Number.isFinite(value)),
        `${name} of ${path}`,
      ).toBe(true);
    }
  }
}

const lossesOf = ({ events }: ToyRun) =>
  events.flatMap((event) => (event.type === 'step-finished' ? [event.metrics['lm_loss']!] : []));
const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe(`${PLANTINGS} values that are not finite`, () => {
  const kinds = Object.keys(KINDS) as Kind[];

  it.each(kinds)('in %s: noticed within a step, named, in no checkpoint', async (kind) => {
    for (let trial = 0; trial < PLANTINGS / kinds.length; trial++) {
      const at = 1 + random.integer(STEPS);
      // The model's tanh makes an ordinary 1 of an infinite input.
      const value = kind === 'input' ? Number.NaN : BAD[trial % BAD.length]!;
      const result = await runTraining(optionsOf('stop', 6, 1 + random.integer(4)), {
        engine: () => plantingEngine(kind, at, value),
      });
      const what = `${value} in step ${at}`;
      expect(result.error, what).toMatchObject({
        code: expect.stringMatching(/^(?:NON_FINITE|STATE_NOT_FINITE)$/) as string,
      });
      const { at: place } = (result.error as { facts: { at: string } }).facts;
      const [, step, name] = /^step (\d+), (.*)$/.exec(place)!;
      expect(name, what).toMatch(KINDS[kind].names);
      expect([at, at + 1], what).toContain(Number(step));
      await expectFiniteCheckpoints();
      await rm(folder.path, { recursive: true, force: true });
    }
  });
});

describe('a rollback', () => {
  const epochs = 30;

  it(`trains on to what an undisturbed training reaches, ${ROLLBACKS} times`, async () => {
    const undisturbed = lossesOf(await runTraining(optionsOf('rollback', epochs, 5)));
    const [first, last] = [meanOf(undisturbed.slice(0, 5)), meanOf(undisturbed.slice(-5))];
    expect(last).toBeLessThan(0.6 * first);
    await rm(folder.path, { recursive: true, force: true });
    for (let trial = 0; trial < ROLLBACKS; trial++) {
      const kind = (['loss', 'gradient', 'input', 'weight'] as const)[trial % 4]!;
      const at = 1 + random.integer(30);
      const result = await runTraining(optionsOf('rollback', epochs, 5), {
        engine: () => plantingEngine(kind, at, BAD[trial % BAD.length]!),
      });
      expect(result.error).toBeUndefined();
      const losses = lossesOf(result);
      expect(losses).toHaveLength(undisturbed.length);
      expect(meanOf(losses.slice(-5)), `${kind} in step ${at}`).toBeLessThan(last + 0.2 * first);
      await expectFiniteCheckpoints();
      await rm(folder.path, { recursive: true, force: true });
    }
  });
});
