import { sizeOf } from '@eddy/core/tensor';

import type { Graph, Node } from './graph.ts';

/** Of the matrix products; a multiply and an add count as two. Loops are multiplied out. */
export function flopsOf(graph: Graph): number {
  return graph.nodes.reduce((total, node) => {
    if (node.op === 'dot') return total + dotFlops(node);
    if (node.op === 'while') return total + node.attrs.times * flopsOf(node.attrs.body);
    return total;
  }, 0);
}

function dotFlops(node: Extract<Node, { op: 'dot' }>): number {
  const contracted = node.attrs.contract[0].map((axis) => node.inputs[0]!.shape[axis]!);
  return 2 * sizeOf(node.outputs[0]!.shape) * sizeOf(contracted);
}
