import { sizeOf } from '@eddy/tensor/spec';

import type { Graph, Node, ValueSpec } from './graph.ts';

/**
 * Of the matrix products; a multiply and an add count as two. Loops are multiplied out. What a kernel
 * computes a second time does not count: the scores in attention's gradient.
 */
export function flopsOf(graph: Graph): number {
  return graph.nodes.reduce((total, node) => {
    if (node.op === 'dot') return total + dotFlops(node);
    if (node.op === 'attention') return total + 2 * scoresFlops(node.inputs[0]!);
    if (node.op === 'attentionGradient') return total + 4 * scoresFlops(node.inputs[0]!);
    if (node.op === 'while') return total + node.attrs.times * flopsOf(node.attrs.body);
    return total;
  }, 0);
}

/** Of one product of [L, K] and [K, L] in each head of each example. */
function scoresFlops({ shape }: ValueSpec): number {
  return 2 * sizeOf(shape) * shape[2]!;
}

function dotFlops(node: Extract<Node, { op: 'dot' }>): number {
  const contracted = node.attrs.contract[0].map((axis) => node.inputs[0]!.shape[axis]!);
  return 2 * sizeOf(node.outputs[0]!.shape) * sizeOf(contracted);
}
