import type { Graph, Node, Value } from '../graph/graph.ts';

import { rewrite } from './rewrite.ts';

type DotNode = Extract<Node, { op: 'dot' }>;

/**
 * Gives bfloat16 matrix products a left operand whose last axis is contracted, by a transposed copy:
 *
 *   xᵀ·y → copy(xᵀ)·y
 *
 * XLA:CPU has fast bfloat16 products (AMX, AVX512-BF16) for that layout only; it converts the operands
 * of any other to float32. The copy is a barrier, since XLA would fold the transposition back into the
 * product. A weight is copied once for all its uses.
 */
export function productLayout(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, b) => {
    if (node.op !== 'dot' || !contractsFirst(node)) return undefined;
    const [x, y] = inputs as [Value, Value];
    const copy = b.emit('barrier', [b.transpose(x, [1, 0])]);
    const contract = [[1], node.attrs.contract[1]] as const;
    return [b.emit('dot', [copy, y], { ...node.attrs, contract })];
  });
}

/** A product of two matrices in bfloat16 over the first axis of the left one. */
function contractsFirst({ inputs, attrs: { batch, contract } }: DotNode): boolean {
  return (
    batch[0].length === 0 &&
    contract[0].length === 1 &&
    contract[0][0] === 0 &&
    inputs.every(({ shape, dtype }) => shape.length === 2 && dtype === 'bfloat16')
  );
}
