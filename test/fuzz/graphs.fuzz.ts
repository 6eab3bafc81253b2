/**
 * Passes do not change what a graph means: random graphs, before and after, on the interpreter. A new op is one
 * more method of `random-graph.ts`.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { printGraph } from '../../packages/compiler/src/graph/print.ts';
import { verify } from '../../packages/compiler/src/graph/verify.ts';
import { interpret } from '../../packages/compiler/src/interpreter/interpret.ts';
import { optimise } from '../../packages/compiler/src/passes/optimise.ts';
import { lower } from '../../packages/compiler/src/stablehlo/lower.ts';
import { difference, FLOAT32_TOLERANCE } from '../../packages/compiler/src/testing/compare.ts';
import { randomGraph, type Draw } from '../../packages/compiler/src/testing/random-graph.ts';
import { tracedGraph } from '../../packages/compiler/src/testing/traced-graph.ts';

const CASES = Number(process.env['EDDY_FUZZ_CASES'] ?? 3000);
const SEED = Number(process.env['EDDY_FUZZ_SEED'] ?? 20_261_129);

const drawOf =
  (gen: fc.GeneratorValue): Draw =>
  (below) =>
    gen(fc.nat, { max: below - 1 });

function holds(check: (draw: Draw) => void): void {
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      check(drawOf(gen));
    }),
    { numRuns: CASES, seed: SEED },
  );
}

it('optimised graphs compute the same', () => {
  holds((draw) => {
    const { graph, inputs } = randomGraph(draw, { tries: 1 + draw(20) });
    const traced = tracedGraph(graph);
    const expected = interpret(traced, {}, inputs).outputs;
    for (const recomputes of ['what-is-asked', 'what-is-cheap'] as const) {
      const optimised = optimise(traced, { precision: 'float32', atan2: 'expand', recomputes });
      const received = interpret(optimised, {}, inputs).outputs;
      const found = difference(expected, received, FLOAT32_TOLERANCE);
      const text = () => `${found}\n${printGraph(graph)}\n${printGraph(optimised.graph)}`;
      expect(found, found === undefined ? '' : text()).toBeUndefined();
    }
  });
});

it('settled precision leaves sound graphs that can be lowered', () => {
  holds((draw) => {
    const { graph } = randomGraph(draw, { tries: 1 + draw(20), marks: true });
    for (const products of ['any', 'contract-last'] as const) {
      const optimised = optimise(tracedGraph(graph), { precision: 'bf16-mixed', products });
      verify(optimised.graph);
      lower(optimised, { barriers: 'branch', rounding: 'bits' });
    }
  });
});
