import type { HostTree } from '@eddy/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HostedEngine } from '../process/hosted-engine.ts';
import { difference, type Tolerance } from '@eddy/compiler/testing';
import { runOnTfjs } from '@eddy/compiler/testing';
import { testXlaEngine } from './test-engines.ts';
import { SMALL, trmStep, trmStepValues } from './trm-step.ts';

const SMALL_STEP = { ...SMALL, batch: 16 };

describe('a TRM training step on xla-cpu', () => {
  const program = trmStep(SMALL_STEP);
  const { state, inputs } = trmStepValues(program);
  let expected: { readonly state: HostTree; readonly outputs: HostTree };
  beforeAll(async () => {
    expected = await runOnTfjs('cpu', program, state, inputs);
  });

  describe.each([
    ['float32', 1e-4, 1e-3],
    // 8 bits of mantissa through 40 block calls.
    ['bf16-mixed', 3e-2, 0.25],
  ] as const)('%s', (precision, lossTolerance, gradientTolerance) => {
    let engine: HostedEngine;
    beforeAll(async () => {
      engine = await testXlaEngine({ precision });
    });
    afterAll(() => engine.dispose());

    it('gives the loss and the gradients of TF.js', async () => {
      const executable = await engine.compile(program);
      expect(executable.stats.compileMs).toBeLessThan(60_000);
      const tree = await engine.upload(state);
      const fetch = Object.keys(expected.outputs);
      const outputs = await executable.run(tree, inputs, { fetch });
      const tolerance: Tolerance = { relative: lossTolerance, absolute: 0 };
      expect(difference({ loss: expected.outputs['loss']! }, outputs, tolerance)).toBeUndefined();
      for (const name of fetch.filter((output) => output.startsWith('gradients/'))) {
        const gradient = expected.outputs[name]!;
        const largest = Math.max(...Array.from(gradient.data, Math.abs));
        const allowed = { relative: 0, absolute: gradientTolerance * largest };
        expect(difference({ [name]: gradient }, outputs, allowed)).toBeUndefined();
      }
      const again = await executable.run(tree, inputs, { fetch: ['loss'] });
      expect(again['loss']!.data[0]).toBeLessThan(outputs['loss']!.data[0]! * 1.5);
    });
  });
});
