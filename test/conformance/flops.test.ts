/** Operations of a training step, counted in its graph: what `plan` shows, against a cost model. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { type Model } from '@eddy/core';
import { flopsOf, optimise, trace } from '@eddy/compiler';
import { stepProgram } from '@eddy/core/testing';
import { createHrm, createTrm, hrmConfig, trmConfig } from '@eddy/models';
import { describe, expect, it } from 'vitest';

const sudoku = { vocabSize: 11, seqLen: 81, numPuzzleIdentifiers: 1 };

function flopsPerStep(model: Model, batchSize: number, training = true): number {
  const program = stepProgram(model, { batchSize, seqLen: sudoku.seqLen, training });
  return flopsOf(optimise(trace(program), { precision: 'float32' }).graph);
}

describe('operations of a step', () => {
  it('are those of the reference’s cost model', () => {
    // trm-reference.md, section 1.23: 70 block calls of 0.52 TFLOP for 768 rows.
    const expected = (3.7e13 / 768) * 8;
    const flops = flopsPerStep(createTrm(trmConfig.parse({}), sudoku), 8);
    expect(flops / expected).toBeGreaterThan(0.95);
    expect(flops / expected).toBeLessThan(1.05);
  });

  it('are one pass more where a target of q_continue needs it, unless there is one step', () => {
    const small = { hiddenSize: 32, numHeads: 2, hLayers: 1, lLayers: 1 };
    const model = (haltMaxSteps: number) =>
      createHrm(hrmConfig.parse({ ...small, haltMaxSteps }), sudoku);
    const [one, several] = [flopsPerStep(model(1), 4), flopsPerStep(model(3), 4)];
    const pass = flopsPerStep(model(1), 4, false);
    expect(several - one).toBeGreaterThan(0.95 * pass);
    expect(several - one).toBeLessThan(1.05 * pass);
  });
});
