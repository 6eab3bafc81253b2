import { hostDType, type GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { opOf } from '../ops/index.ts';

import { rewrite } from './rewrite.ts';
import { splatOf } from './splat.ts';

/**
 * Computes what is the same number everywhere. The result is again a scalar literal that is spread,
 * never a literal of the full size.
 */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, b) => {
    const output = node.outputs[0]!;
    if (output.dtype === 'bfloat16' || inputs.some(({ dtype }) => dtype === 'bfloat16')) {
      return undefined;
    }
    const value = foldedValue(node, inputs, b);
    return value === undefined ? undefined : [b.fill(value, output.shape, hostDType(output.dtype))];
  });
}

function foldedValue(node: Node, inputs: readonly Value[], b: GraphBuilder): number | undefined {
  if (inputs.length === 0) return undefined;
  const splats = inputs.map((input) => splatOf(b, input));
  if (splats.some((splat) => splat === undefined)) return undefined;
  return opOf(node.op).splat(node as never, splats as number[]);
}
