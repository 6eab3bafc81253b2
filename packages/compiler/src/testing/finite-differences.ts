import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor';

import { interpretGraph } from '../interpreter/interpret.ts';
import type { Elements } from '../ops/define/elements.ts';
import { trace } from '../trace/trace.ts';

import type { OpCase } from './op-cases/op-case.ts';
import { floatIndices, opProgram, weightsOf } from './op-program.ts';

/** Best for central differences of float64 values of order one: the cube root of the precision. */
const STEP = 1e-5;

/**
 * Gradients of a case by central differences: (L(x + h) − L(x − h)) / 2h for each element, with the
 * forward graph interpreted in float64, where the error is about 1e-10.
 */
export function finiteDifferences(opCase: OpCase): HostTree {
  const { graph } = trace(opProgram(opCase, { gradient: false }));
  const operands = opCase.inputs.map((input) =>
    input.dtype === 'float32' ? Float64Array.from(input.data) : input.data,
  );
  const weights = graph.outputs.map(({ shape }) => weightsOf(shape));
  const loss = () =>
    interpretGraph(graph, operands, 'float64').reduce(
      (sum, values, k) => sum + weightedSum(values, weights[k]!),
      0,
    );
  const gradient = (index: number): HostTensor => {
    const { shape } = opCase.inputs[index]!;
    const x = operands[index] as Float64Array;
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
      const at = x[i]!;
      x[i] = at + STEP;
      const above = loss();
      x[i] = at - STEP;
      const below = loss();
      x[i] = at;
      return (above - below) / (2 * STEP);
    });
    return { shape, dtype: 'float32', data };
  };
  return Object.fromEntries(floatIndices(opCase).map((i) => [`gradient.${i}`, gradient(i)]));
}

function weightedSum(values: Elements, weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * weights[i]!;
  return sum;
}
