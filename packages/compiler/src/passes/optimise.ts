import type { Precision } from '@eddy/tensor';

import { countNodes, type Graph, type TracedGraph } from '../graph/graph.ts';
import { verifyTraced } from '../graph/verify.ts';

import { commonSubexpressions } from './common-subexpressions.ts';
import { deadCode } from './dead-code.ts';
import { expandAtan2 } from './expand-atan2.ts';
import { foldConstants } from './fold-constants.ts';
import { loopInvariants } from './loop-invariants.ts';
import { productLayout } from './product-layout.ts';
import { settlePrecision, type Products } from './precision.ts';
import { rewrite } from './rewrite.ts';
import { simplify } from './simplify.ts';

/** Whether the compiler computes cheap values again rather than keep them: see `recomputeCheaply` of @eddy/tensor. */
export type Recomputes = 'what-is-asked' | 'what-is-cheap';

/** Enough for every graph met so far; one pass more than changes anything is wasted, not wrong. */
const MAX_ROUNDS = 8;

/**
 * Makes a traced graph small and settles its precision. The meaning stays, but for rounding where
 * `precision` asks for it.
 */
export function optimise(
  traced: TracedGraph,
  {
    precision,
    products = 'any',
    atan2 = 'call',
    recomputes = 'what-is-asked',
  }: {
    readonly precision: Precision;
    readonly products?: Products;
    /** `expand`: see `expandAtan2`. */
    readonly atan2?: 'call' | 'expand';
    readonly recomputes?: Recomputes;
  },
): TracedGraph {
  const fenced = recomputes === 'what-is-asked' ? withoutCheapFences(traced.graph) : traced.graph;
  const cleaned = clean(deadCode(fenced));
  const settled = clean(settlePrecision(cleaned, { precision, products }));
  const arranged = products === 'contract-last' ? productLayout(settled) : settled;
  const expanded = atan2 === 'expand' ? expandAtan2(arranged) : arranged;
  const optimised = { ...traced, graph: clean(loopInvariants(expanded)) };
  verifyTraced(optimised);
  return optimised;
}

function withoutCheapFences(graph: Graph): Graph {
  return rewrite(graph, ({ op, attrs }, inputs) =>
    op === 'fence' && attrs.isCheap ? inputs : undefined,
  );
}

/** Local rewrites until nothing more goes away. */
function clean(graph: Graph): Graph {
  let count = countNodes(graph);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    graph = deadCode(commonSubexpressions(simplify(foldConstants(graph))));
    const left = countNodes(graph);
    if (left === count) break;
    count = left;
  }
  return graph;
}
