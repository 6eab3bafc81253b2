import { sizeOf } from '@eddy/core';

import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';

import { rewrite } from './rewrite.ts';

type DotNode = Extract<Node, { op: 'dot' }>;

/**
 * Gives bfloat16 matrix products a left operand whose last axis is contracted, by a transposed copy:
 *
 *   xᵀ·y → copy(xᵀ)·y, or (copy(yᵀ)·x)ᵀ where that copies less
 *
 * XLA:CPU has fast bfloat16 products (AMX, AVX512-BF16) for that layout only; it converts the operands
 * of any other to float32. The copy is a barrier, since XLA would fold the transposition back into the
 * product. A weight is copied once for all its uses.
 */
export function productLayout(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, b) =>
    node.op === 'dot' && isTransposed(node) ? [contractLast(node, inputs, b)] : undefined,
  );
}

/** A product of two matrices in bfloat16 over the first axis of the left one. */
function isTransposed({ inputs, attrs: { batch, contract } }: DotNode): boolean {
  return (
    batch[0].length === 0 &&
    contract[0].length === 1 &&
    contract[0][0] === 0 &&
    inputs.every(({ shape, dtype }) => shape.length === 2 && dtype === 'bfloat16')
  );
}

function contractLast(node: DotNode, inputs: readonly Value[], b: GraphBuilder): Value {
  const [x, y] = inputs as [Value, Value];
  const { contract, dtype } = node.attrs;
  const yAxis = contract[1][0]!;
  const product = (left: Value, right: Value, axis: number) =>
    b.emit('dot', [left, right], { batch: [[], []], contract: [[1], [axis]], dtype });
  // The other way round, the result is turned too: worth it when x is much the wider.
  const swapped = sizeOf(y.shape) + sizeOf(node.outputs[0]!.shape);
  if (yAxis === 0 && swapped < sizeOf(x.shape)) {
    return b.transpose(b.emit('barrier', [product(turned(y, b), x, 0)]), [1, 0]);
  }
  return product(turned(x, b), y, yAxis);
}

function turned(x: Value, b: GraphBuilder): Value {
  return b.emit('barrier', [b.transpose(x, [1, 0])]);
}
