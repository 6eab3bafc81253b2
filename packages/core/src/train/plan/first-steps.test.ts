import { beforeAll, expect, it } from 'vitest';
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import type { Engine } from '../../contracts/engine.ts';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { freshFolder } from '../../testing/fresh-folder.ts';
import { runTraining, toyTraining } from '../../testing/toy-training.ts';
import { FirstSteps } from './first-steps.ts';
import type { PlannedRun } from './plan.ts';

const folder = freshFolder();
beforeAll(() => setBackend('cpu'));

/** Steps that take this long, one after the other, whatever the host does meanwhile. */
const STEP_MS = 40;

/** An engine of known time: its steps end on a clock of their own. */
function timedEngine(): Engine {
  const engine = eagerEngine();
  let endsMs = 0;
  return {
    ...engine,
    compile: async (program, options) => {
      const executable = await engine.compile(program, options);
      return {
        name: executable.name,
        outputs: executable.outputs,
        stats: executable.stats,
        dispose: () => executable.dispose(),
        run: async (state, inputs, wanted) => {
          endsMs = Math.max(endsMs, performance.now()) + STEP_MS;
          const ownEndMs = endsMs;
          const result = await executable.run(state, inputs, wanted);
          await new Promise((resolve) => setTimeout(resolve, ownEndMs - performance.now()));
          return result;
        },
      };
    },
  };
}

it('says how long a step takes, though the process was busy while the first ones ended', async () => {
  const options = toyTraining({ folder: folder.path, checkpoint: { every: 100, keep: 1 } });
  const result = await runTraining(options, {
    engine: timedEngine,
    onEvent: (event) => {
      // Two steps are under way: both have ended when their answers are read.
      if (event.type !== 'step-finished' || event.step !== 1) return;
      const start = performance.now();
      while (performance.now() - start < 3 * STEP_MS);
    },
  });
  expect(result.error).toBeUndefined();
  const plan = result.events.find((event) => event.type === 'training-planned')!.plan;
  expect(plan.stepMs).toBeGreaterThan(0.7 * STEP_MS);
  expect(plan.stepMs).toBeLessThan(3 * STEP_MS);
});

it.each([
  ['the median of five, without the first', [900, 1, 14, 15, 14, 16], 14],
  ['a long step by itself', [2500], 2500],
  ['the only one', [12], 12],
])('judges by %s', async (_what, durations, expected) => {
  const told: (number | undefined)[] = [];
  const first = new FirstSteps(({ stepMs }) => told.push(stepMs));
  const options = toyTraining({ folder: folder.path });
  const { compileToFit } = await import('../memory/fit-memory.ts');
  const engine = eagerEngine();
  const fitted = await compileToFit({
    engine,
    parts: options.parts,
    globalBatchSize: 4,
    seqLen: options.dataset.metadata.seqLen,
    microBatchSize: 4,
    recompute: false,
    memory: 'auto',
  });
  first.begin({ engine, fitted, steps: 10, dataset: 'toy', folder: '' } satisfies PlannedRun);
  for (const [i, stepMs] of durations.entries()) {
    await first.finish(stepMs, i === durations.length - 1);
  }
  expect(told).toEqual([expected]);
});
