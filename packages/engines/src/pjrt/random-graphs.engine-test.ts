/** XLA computes what the interpreter does: random graphs as they were traced, and optimised as for a CPU. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { TracedGraph } from '@eddy/compiler/graph';
import { printGraph } from '@eddy/compiler/graph';
import { interpret, lower, optimise } from '@eddy/compiler';
import type { HostedEngine } from '../process/hosted-engine.ts';
import { difference, FLOAT32_TOLERANCE } from '@eddy/compiler/testing';
import { randomGraph } from '@eddy/compiler/testing';
import { testXlaEngine } from '../testing/test-engines.ts';
import { runOnce } from '../testing/targets.ts';
import { tracedGraph } from '@eddy/compiler/testing';

const CASES = Number(process.env['EDDY_FUZZ_CASES'] ?? 60);
const SEED = Number(process.env['EDDY_FUZZ_SEED'] ?? 20_261_129);

let engine: HostedEngine;
beforeAll(async () => {
  engine = await testXlaEngine();
});
afterAll(() => engine.dispose());

async function onXla(traced: TracedGraph, inputs: ReturnType<typeof randomGraph>['inputs']) {
  const { text, takesTrue, ...lowered } = lower(traced, { barriers: 'branch' });
  const code = { kind: 'stablehlo', text, takesTrue, devices: 1 } as const;
  const executable = await engine.compilePrepared({ ...lowered, code, cacheFile: null });
  return runOnce(engine, executable, inputs);
}

it('computes what the interpreter does', async () => {
  const property = fc.asyncProperty(fc.gen(), async (gen) => {
    const draw = (below: number) => gen(fc.nat, { max: below - 1 });
    const { graph, inputs } = randomGraph(draw, { tries: 1 + draw(20) });
    const traced = tracedGraph(graph);
    const expected = interpret(traced, {}, inputs).outputs;
    for (const each of [traced, optimise(traced, { precision: 'float32', atan2: 'expand' })]) {
      const found = difference(expected, await onXla(each, inputs), FLOAT32_TOLERANCE);
      expect(found, found === undefined ? '' : `${found}\n${printGraph(each.graph)}`).toBe(
        undefined,
      );
    }
  });
  await fc.assert(property, { numRuns: CASES, seed: SEED });
});
