/** What every engine plugin must do, for authors inside and outside this repository. */
import { add, cast, mul, sub, sum, memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DeviceTree, Engine, Executable } from '../contracts/engine.ts';
import type { Program } from '@eddy/tensor';
import { EddyError } from '@eddy/tensor/errors';
import type { HostTensor, HostTree, SpecTree } from '@eddy/tensor/spec';

const WEIGHTS = { shape: [3], dtype: 'float32' } as const;
const SCALAR = { shape: [], dtype: 'float32' } as const;
const COUNT = { shape: [], dtype: 'int32' } as const;

/** One step of gradient descent on ½|weights − target|², with a step counter and a tensor it leaves alone. */
const descent: Program = {
  name: 'descent',
  state: { weights: WEIGHTS, steps: COUNT, constant: WEIGHTS },
  inputs: { target: WEIGHTS, learningRate: SCALAR },
  run: (state, inputs) => {
    const gradient = sub(state['weights']!, inputs['target']!);
    return {
      state: {
        weights: sub(state['weights']!, mul(inputs['learningRate']!, gradient)),
        steps: add(state['steps']!, cast(1, 'int32')),
      },
      outputs: { loss: mul(0.5, sum(mul(gradient, gradient))), gradient },
    };
  },
};

const float32 = (shape: readonly number[], values: Iterable<number>): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(values),
});
const int32 = (shape: readonly number[], values: Iterable<number>): HostTensor => ({
  shape,
  dtype: 'int32',
  data: Int32Array.from(values),
});

const initial = (): HostTree => ({
  weights: float32([3], [1, 2, 3]),
  steps: int32([], [0]),
  constant: float32([3], [7, 8, 9]),
});
const inputs = (learningRate: number): HostTree => ({
  target: float32([3], [0, 0, 1]),
  learningRate: float32([], [learningRate]),
});
const values = (tree: HostTree, name: string) => [...tree[name]!.data];

/**
 * Conformance of an engine plugin: the contract of `Engine`, not its operations. Import
 * `@tensorflow/tfjs-backend-cpu` first, whose tensors the suite counts.
 *
 * @param create  makes an engine; called once.
 */
export function engineSuite(name: string, create: () => Promise<Engine>): void {
  describe(`engine ${name}`, () => {
    let engine: Engine;
    let step: Executable;
    let tensorsBefore = 0;

    beforeAll(async () => {
      engine = await create();
      tensorsBefore = memory().numTensors;
      step = await engine.compile(descent);
    });
    afterAll(async () => {
      await engine.dispose();
    });

    const withTree = async (tree: HostTree, body: (state: DeviceTree) => Promise<void>) => {
      const state = await engine.upload(tree);
      await body(state);
      await state.dispose();
    };
    const code = async (promise: Promise<unknown>) => {
      const error: unknown = await promise.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(EddyError);
      return (error as EddyError).code;
    };

    it('says what it is', () => {
      expect(engine.info.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(engine.info.description).not.toBe('');
      expect(engine.info.fingerprint).not.toBe('');
      expect(engine.info.devices).toBeGreaterThanOrEqual(1);
    });

    it('knows the outputs of a program before its first run', () => {
      expect(step.outputs).toEqual({ loss: SCALAR, gradient: WEIGHTS } satisfies SpecTree);
    });

    it('runs a step: new state on the device, fetched outputs on the host', () =>
      withTree(initial(), async (state) => {
        const outputs = await step.run(state, inputs(0.5), { fetch: ['loss'] });
        expect(Object.keys(outputs)).toEqual(['loss']);
        expect(outputs['loss']).toEqual(float32([], [0.5 * (1 + 4 + 4)]));
        const after = await state.read();
        expect(after['weights']).toEqual(float32([3], [0.5, 1, 2]));
        expect(after['steps']).toEqual(int32([], [1]));
      }));

    it('keeps a state tensor that the program does not return', () =>
      withTree(initial(), async (state) => {
        await step.run(state, inputs(0.5));
        expect(values(await state.read(['constant']), 'constant')).toEqual([7, 8, 9]);
      }));

    it('fetches nothing unless asked', () =>
      withTree(initial(), async (state) => {
        expect(await step.run(state, inputs(0.5))).toEqual({});
      }));

    it('takes new input values without compiling again', () =>
      withTree(initial(), async (state) => {
        await step.run(state, inputs(1));
        expect(values(await state.read(), 'weights')).toEqual([0, 0, 1]);
        await state.write({ weights: float32([3], [4, 0, 1]) });
        await step.run(state, inputs(0.25));
        expect(values(await state.read(), 'weights')).toEqual([3, 0, 1]);
      }));

    it('gives the same bits for the same inputs', async () => {
      const start = initial();
      const once = async () => {
        const state = await engine.upload(start);
        const losses = [];
        for (let i = 0; i < 5; i++) {
          losses.push(await step.run(state, inputs(0.3), { fetch: ['loss', 'gradient'] }));
        }
        const final = await state.read();
        await state.dispose();
        return { losses, final };
      };
      expect(await once()).toEqual(await once());
    });

    it('queues runs that are sent before the first has finished', () =>
      withTree(initial(), async (state) => {
        const runs = Array.from({ length: 20 }, () =>
          step.run(state, inputs(0.5), { fetch: ['loss'] }),
        );
        const read = state.read(['steps', 'weights']);
        const losses = (await Promise.all(runs)).map((outputs) => outputs['loss']!.data[0]!);
        for (let i = 1; i < losses.length; i++) expect(losses[i]).toBe(losses[i - 1]! / 4);
        expect(values(await read, 'steps')).toEqual([20]);
      }));

    it('serves several states by binding names', () =>
      withTree(
        { ...initial(), 'other/weights': float32([3], [8, 8, 9]), 'other/steps': int32([], [5]) },
        async (state) => {
          const bind = { weights: 'other/weights', steps: 'other/steps' };
          await step.run(state, inputs(0.5), { bind });
          const after = await state.read();
          expect(values(after, 'other/weights')).toEqual([4, 4, 5]);
          expect(values(after, 'other/steps')).toEqual([6]);
          expect(values(after, 'weights')).toEqual([1, 2, 3]);
        },
      ));

    it('shares one tree between programs', () =>
      withTree(initial(), async (state) => {
        const double = await engine.compile({
          name: 'double',
          state: { weights: WEIGHTS },
          inputs: {},
          run: ({ weights }) => ({ state: { weights: mul(weights!, 2) }, outputs: {} }),
        });
        await step.run(state, inputs(0.5));
        await double.run(state, {});
        expect(values(await state.read(), 'weights')).toEqual([1, 2, 4]);
        await double.dispose();
      }));

    it('keeps apart what was uploaded of one array', () => {
      const zero = float32([2 ** 15], new Float32Array(2 ** 15));
      const weights = float32([3], [1, 2, 3]);
      const tree = { ...initial(), weights, twin: weights, zero, 'other zero': zero };
      return withTree(tree, async (state) => {
        await step.run(state, inputs(1));
        const fill = await engine.compile({
          name: 'fill',
          state: { zero: { shape: zero.shape, dtype: 'float32' } },
          inputs: {},
          run: (all) => ({ state: { zero: add(all['zero']!, 1) }, outputs: {} }),
        });
        await fill.run(state, {});
        const after = await state.read();
        expect(values(after, 'weights')).toEqual([0, 0, 1]);
        expect(after['twin']).toEqual(weights);
        expect(values(after, 'zero').every((value) => value === 1)).toBe(true);
        expect(after['other zero']).toEqual(zero);
        await fill.dispose();
      });
    });

    it('compiles several programs at once, and says when there is time', () =>
      withTree(initial(), async (state) => {
        const times = (factor: number): Program => ({
          name: `times-${factor}`,
          state: { weights: WEIGHTS },
          inputs: {},
          run: ({ weights }) => ({ state: { weights: mul(weights!, factor) }, outputs: {} }),
        });
        const called: number[] = [];
        const programs = await Promise.all(
          [2, 3].map((factor) =>
            engine.compile(times(factor), { meanwhile: () => called.push(factor) }),
          ),
        );
        expect(called).toEqual(called.length === 0 ? [] : [2, 3]);
        for (const program of programs) await program.run(state, {});
        expect(values(await state.read(), 'weights')).toEqual([6, 12, 18]);
        await Promise.all(programs.map((program) => program.dispose()));
      }));

    it('returns a state tensor as an output too', () =>
      withTree({ weights: float32([3], [1, 2, 3]) }, async (state) => {
        const swap = await engine.compile({
          name: 'report',
          state: { weights: WEIGHTS },
          inputs: {},
          run: ({ weights }) => ({
            state: { weights: add(weights!, 1) },
            outputs: { before: weights!, same: weights! },
          }),
        });
        const outputs = await swap.run(state, {}, { fetch: ['before', 'same'] });
        expect(values(outputs, 'before')).toEqual([1, 2, 3]);
        expect(values(outputs, 'same')).toEqual([1, 2, 3]);
        expect(values(await state.read(), 'weights')).toEqual([2, 3, 4]);
        await swap.dispose();
      }));

    it('exchanges two state tensors', () =>
      withTree({ a: float32([3], [1, 2, 3]), b: float32([3], [4, 5, 6]) }, async (state) => {
        const swap = await engine.compile({
          name: 'swap',
          state: { a: WEIGHTS, b: WEIGHTS },
          inputs: {},
          run: ({ a, b }) => ({ state: { a: b!, b: a! }, outputs: {} }),
        });
        await swap.run(state, {});
        const after = await state.read();
        expect([values(after, 'a'), values(after, 'b')]).toEqual([
          [4, 5, 6],
          [1, 2, 3],
        ]);
        await swap.dispose();
      }));

    it('keeps every bit of float32, int32 and bool between host and device', async () => {
      const tree: HostTree = {
        float32: float32([2, 3], [NaN, Infinity, -Infinity, -0, 1e-45, 3.4028234663852886e38]),
        int32: int32([3], [-(2 ** 31), 2 ** 31 - 1, 0]),
        bool: { shape: [2, 1], dtype: 'bool', data: Uint8Array.of(1, 0) },
        empty: float32([0, 3], []),
        scalar: int32([], [42]),
      };
      await withTree(tree, async (state) => {
        expect(await state.read()).toEqual(tree);
        expect(state.specs).toEqual(
          Object.fromEntries(
            Object.entries(tree).map(([key, { shape, dtype }]) => [key, { shape, dtype }]),
          ),
        );
      });
    });

    it('moves tensors of many megabytes', async () => {
      const size = 12_000_000;
      const large = float32(
        [size],
        Array.from({ length: size }, (_, i) => i % 1000),
      );
      await withTree({ large, small: float32([1], [5]) }, async (state) => {
        const read = await state.read();
        expect(Buffer.compare(bytes(read['large']!), bytes(large))).toBe(0);
        expect(values(read, 'small')).toEqual([5]);
      });
    });

    it('does not keep the host arrays it was given', async () => {
      const start = initial();
      await withTree(start, async (state) => {
        start['weights']!.data.fill(100);
        const fed = inputs(0.5);
        await step.run(state, fed);
        expect(fed).toEqual(inputs(0.5));
        const read = await state.read();
        expect(values(read, 'weights')).toEqual([0.5, 1, 2]);
        read['weights']!.data.fill(100);
        expect(values(await state.read(), 'weights')).toEqual([0.5, 1, 2]);
      });
    });

    it('refuses what does not fit, before anything happens', () =>
      withTree(initial(), async (state) => {
        const { target, learningRate } = inputs(1) as Record<string, HostTensor>;
        const wrong = float32([2], [1, 2]);
        expect(await code(step.run(state, { learningRate: learningRate! }))).toBe('INPUT_MISMATCH');
        expect(await code(step.run(state, { target: wrong, learningRate: learningRate! }))).toBe(
          'INPUT_MISMATCH',
        );
        expect(await code(step.run(state, { target: target!, learningRate: int32([], [1]) }))).toBe(
          'INPUT_MISMATCH',
        );
        expect(await code(step.run(state, inputs(1), { fetch: ['nothing'] }))).toBe(
          'INPUT_MISMATCH',
        );
        const bind = { weights: 'constant' };
        expect(await code(step.run(state, inputs(1), { bind }))).toBe('BIND_CONFLICT');
        expect(values(await state.read(), 'weights')).toEqual([1, 2, 3]);
        await state.dispose(['weights']);
        expect(await code(step.run(state, inputs(1)))).toBe('STATE_MISSING');
        expect(await code(state.read(['weights']))).toBe('STATE_MISSING');
        await state.write({ weights: wrong });
        expect(await code(step.run(state, inputs(1)))).toBe('INPUT_MISMATCH');
      }));

    it('tells how much memory it uses', async () => {
      const stats = await engine.memory();
      if (stats.bytesInUse !== undefined) expect(stats.bytesInUse).toBeGreaterThanOrEqual(0);
    });

    it('leaves no TF.js tensor behind', () => {
      expect(memory().numTensors).toBe(tensorsBefore);
    });
  });
}

function bytes({ data }: HostTensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
