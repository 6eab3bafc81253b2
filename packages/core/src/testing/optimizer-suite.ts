/** What every optimizer plugin must do, for authors inside and outside this repository. */
import { scalar, tensor, tensor1d, tidy, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import type { TensorTree } from '@eddy/tensor';
import type { Optimizer, Progress, Scheduled } from '../contracts/optimizer.ts';
import { sizeOf } from '@eddy/tensor/spec';

export interface OptimizerSuite {
  readonly name: string;
  /** An optimizer with the given learning rate from the first step on, and the given decay. */
  create(options: { readonly learningRate: number; readonly weightDecay: number }): Optimizer;
  /** Values of an outside reference. */
  readonly trajectory: {
    readonly create: () => Optimizer;
    readonly progress: readonly Progress[];
    readonly parameter: readonly number[];
    readonly gradients: readonly (readonly number[])[];
    /** Parameter after each step. */
    readonly expected: readonly (readonly number[])[];
    readonly absoluteTolerance: number;
  };
}

const PARAMETER = [1, -2];
const GRADIENTS = [
  [0.3, -0.1],
  [0.2, 0.4],
  [-0.5, 0.1],
  [0.1, 0],
];

const constantly = (gradients: readonly (readonly number[])[]): GradientOf[] =>
  gradients.map((gradient) => () => gradient);

/**
 * Registers the suite with vitest. Import `@tensorflow/tfjs-backend-cpu` and `@eddy/tfjs` first.
 *
 * @example
 * optimizerSuite({ name: 'lion', create: (options) => new Lion(options), trajectory: { … } });
 */
export function optimizerSuite(suite: OptimizerSuite): void {
  describe(`optimizer ${suite.name}`, () => {
    it('follows the trajectory of the reference', () => {
      const { trajectory } = suite;
      const steps = runSteps(
        trajectory.create(),
        trajectory.parameter,
        constantly(trajectory.gradients),
        trajectory,
      );
      steps.forEach((values, step) => {
        values.forEach((value, i) => {
          const difference = Math.abs(value - trajectory.expected[step]![i]!);
          expect(difference, `step ${step + 1}, element ${i}`).toBeLessThanOrEqual(
            trajectory.absoluteTolerance,
          );
        });
      });
    });

    it('names its scalars, learningRate among them', () => {
      const optimizer = suite.create({ learningRate: 0.25, weightDecay: 0 });
      const scalars = optimizer.scalars({ step: 1, totalSteps: 10 });
      expect(Object.keys(scalars).sort()).toEqual([...optimizer.scalarNames].sort());
      expect(scalars['learningRate']).toBe(0.25);
    });

    it('takes from its scalars what changes from step to step', () => {
      // A step is compiled once: what is no input of it stays as it was when it was compiled.
      const [slow, fast] = [0.05, 0.2].map((learningRate) =>
        suite.create({ learningRate, weightDecay: 0.5 }),
      ) as [Optimizer, Optimizer];
      const own = runSteps(fast, PARAMETER, constantly(GRADIENTS));
      const given = runSteps(slow, PARAMETER, constantly(GRADIENTS), { scheduled: fast });
      expect(given).toEqual(own);
    });

    it('goes on from parameter and slots alone, as a resumed run does', () => {
      const create = () => suite.create({ learningRate: 0.1, weightDecay: 0.5 });
      const progress = GRADIENTS.map((_, i) => ({ step: i + 1, totalSteps: GRADIENTS.length }));
      const straight = statesOf(create(), PARAMETER, constantly(GRADIENTS), { progress });
      const { parameter, slots } = straight[1]!;
      const resumed = statesOf(create(), parameter, constantly(GRADIENTS.slice(2)), {
        progress: progress.slice(2),
        slots,
      });
      expect(resumed).toEqual(straight.slice(2));
    });

    it('leaves a parameter without gradient and decay as it is', () => {
      const optimizer = suite.create({ learningRate: 0.1, weightDecay: 0 });
      const [after] = runSteps(optimizer, [1, -2, 0], [() => [0, 0, 0]]);
      expect(after).toEqual([1, -2, 0]);
    });

    it('shrinks a parameter without gradient by 1 − learningRate·weightDecay', () => {
      const optimizer = suite.create({ learningRate: 0.1, weightDecay: 0.5 });
      const [after] = runSteps(optimizer, [1, -2, 0], [() => [0, 0, 0]]);
      expect(after![0]).toBeCloseTo(0.95, 6);
      expect(after![1]).toBeCloseTo(-1.9, 6);
      expect(after![2]).toBe(0);
    });

    it('keeps the shape and dtype of its slots', () => {
      const optimizer = suite.create({ learningRate: 0.1, weightDecay: 0 });
      const spec = { shape: [2, 3], dtype: 'float32' } as const;
      tidy(() => {
        const slots = slotTensors(optimizer, spec.shape);
        const result = optimizer.update({
          parameter: tensor([1, 2, 3, 4, 5, 6], [2, 3]),
          gradient: tensor([1, 1, 1, 1, 1, 1], [2, 3]),
          slots,
          scalars: scalarTensors(optimizer, { step: 1, totalSteps: 10 }),
        });
        expect(Object.keys(result.slots).sort()).toEqual(Object.keys(slots).sort());
        for (const [name, slot] of Object.entries(optimizer.slots(spec))) {
          expect(result.slots[name]!.shape).toEqual(slot.shape);
          expect(result.slots[name]!.dtype).toBe(slot.dtype);
        }
        expect(result.parameter.shape).toEqual([2, 3]);
      });
    });

    it('reaches the minimum of a quadratic', () => {
      const optimizer = suite.create({ learningRate: 0.01, weightDecay: 0 });
      const target = [0.5, -0.25];
      const gradient = (p: readonly number[]): number[] => p.map((x, i) => 2 * (x - target[i]!));
      const last = runSteps(optimizer, [0, 0], Array<typeof gradient>(400).fill(gradient)).at(-1)!;
      last.forEach((value, i) => expect(Math.abs(value - target[i]!)).toBeLessThan(0.02));
    });
  });
}

type GradientOf = (parameter: readonly number[]) => readonly number[];

interface Stepped {
  readonly parameter: number[];
  readonly slots: Readonly<Record<string, Float32Array>>;
}

interface StepsOptions {
  readonly progress?: readonly Progress[];
  /** Where scalars come from, if not from the optimizer itself. */
  readonly scheduled?: Scheduled;
  /** Zeros by default. */
  readonly slots?: Stepped['slots'];
}

/** The parameter after each step. */
function runSteps(
  optimizer: Optimizer,
  start: readonly number[],
  gradients: readonly GradientOf[],
  options: StepsOptions = {},
): number[][] {
  return statesOf(optimizer, start, gradients, options).map(({ parameter }) => parameter);
}

/** Parameter and slots after each step. */
function statesOf(
  optimizer: Optimizer,
  start: readonly number[],
  gradients: readonly GradientOf[],
  { progress, scheduled = optimizer, slots: given }: StepsOptions = {},
): Stepped[] {
  return tidy(() => {
    let parameter: Tensor = tensor1d([...start]);
    let slots = slotTensors(optimizer, parameter.shape, given);
    let values = [...start];
    return gradients.map((gradientOf, i) => {
      const at = progress?.[i] ?? { step: i + 1, totalSteps: gradients.length };
      const result = optimizer.update({
        parameter,
        gradient: tensor1d([...gradientOf(values)]),
        slots,
        scalars: scalarTensors(scheduled, at),
      });
      parameter = result.parameter;
      slots = result.slots;
      values = [...parameter.dataSync()];
      const held = Object.entries(slots).map(([name, slot]) => [name, slot.dataSync()] as const);
      return { parameter: values, slots: Object.fromEntries(held) as Stepped['slots'] };
    });
  });
}

function slotTensors(
  optimizer: Optimizer,
  shape: readonly number[],
  given: Stepped['slots'] = {},
): TensorTree {
  const slots = optimizer.slots({ shape, dtype: 'float32' });
  return Object.fromEntries(
    Object.entries(slots).map(([name, spec]) => {
      const values = given[name] ?? new Float32Array(sizeOf(spec.shape));
      return [name, tensor(values, [...spec.shape])];
    }),
  );
}

export function scalarTensors(scheduled: Scheduled, progress: Progress): Record<string, Scalar> {
  const values = Object.entries(scheduled.scalars(progress));
  return Object.fromEntries(values.map(([name, value]) => [name, scalar(value)]));
}
