import { describe, expect, it } from 'vitest';

import { interpret, lower, optimise, trace } from '@eddy/compiler';
import { difference, runOnTfjs } from '@eddy/compiler/testing';
import type { HostTree } from '@eddy/tensor';

import { mazeCnnInputs, mazeCnnState, mazeCnnStep } from './maze-cnn.ts';

const TOLERANCE = { relative: 1e-4, absolute: 1e-6 };

describe('a training step of a small CNN', () => {
  it('means the same as a graph: loss and weights, over two steps', async () => {
    const graph = optimise(trace(mazeCnnStep), { precision: 'float32' });
    const inputs = mazeCnnInputs();
    let expected: HostTree = mazeCnnState();
    let received = expected;
    for (let step = 0; step < 2; step++) {
      const oracle = await runOnTfjs('cpu', mazeCnnStep, expected, inputs);
      const own = interpret(graph, received, inputs);
      expect(difference(oracle.outputs, own.outputs, TOLERANCE)).toBeUndefined();
      expect(difference(oracle.state, own.state, TOLERANCE)).toBeUndefined();
      [expected, received] = [oracle.state, own.state];
    }
  });

  it('is convolutions, forward and backward', () => {
    const { text } = lower(optimise(trace(mazeCnnStep), { precision: 'float32' }));
    // Two forward; the kernels of both and the input of the second backward.
    expect(text.match(/stablehlo\.convolution/g)).toHaveLength(5);
  });
});
