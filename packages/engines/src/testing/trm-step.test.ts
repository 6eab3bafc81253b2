import { describe, expect, it } from 'vitest';

import { countNodes } from '@eddy/compiler/graph';
import { interpret, lower, optimise, trace } from '@eddy/compiler';
import { difference } from '@eddy/compiler/testing';
import { runOnTfjs } from '@eddy/compiler/testing';
import { SMALL, TINY, trmStep, trmStepValues } from './trm-step.ts';

/** Dozens of dependent products and norms: rounding differs in the last two digits. */
const STEP_TOLERANCE = { relative: 1e-3, absolute: 2e-5 };

describe('a TRM training step', () => {
  it('means the same as a graph: loss, gradients, updates', async () => {
    const program = trmStep(TINY);
    const { state, inputs } = trmStepValues(program);
    const expected = await runOnTfjs('cpu', program, state, inputs);
    const received = interpret(optimise(trace(program), { precision: 'float32' }), state, inputs);
    expect(difference(expected.outputs, received.outputs, STEP_TOLERANCE)).toBeUndefined();
    expect(difference(expected.state, received.state, STEP_TOLERANCE)).toBeUndefined();
  });

  it('has a graph whose size does not depend on hCycles', () => {
    const size = (hCycles: number) =>
      countNodes(optimise(trace(trmStep({ ...TINY, hCycles })), { precision: 'float32' }).graph);
    expect(size(6)).toBe(size(3));
    // One cycle without gradient is no loop: its body stands there by itself.
    expect(size(2)).toBeLessThanOrEqual(size(3));
  });

  it('stays small as text', () => {
    const lowered = lower(optimise(trace(trmStep(SMALL)), { precision: 'bf16-mixed' }));
    expect(lowered.text.length).toBeLessThan(300_000);
    expect(lowered.text).not.toContain('dense<"0x');
  });
});
