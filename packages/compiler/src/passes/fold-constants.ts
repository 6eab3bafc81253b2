import { sizeOf } from '@eddy/tensor';

import { hostDType, type GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { isBinary, isUnary } from '../graph/op.ts';
import { compared, converted, scalarFunction } from '../interpreter/scalar-ops.ts';

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
  const [x, y, z] = splats as number[];
  if (isUnary(node.op) || isBinary(node.op)) {
    return scalarFunction(node.op, node.outputs[0]!.dtype)(x!, y ?? 0);
  }
  switch (node.op) {
    case 'compare':
      return compared(node.attrs.direction, x!, y!);
    case 'select':
      return x === 0 ? z : y;
    case 'convert':
      return converted(x!, node.attrs.dtype);
    case 'reshape':
    case 'transpose':
    case 'slice':
    case 'reverse':
      return x;
    case 'pad':
      return Object.is(x, y) ? x : undefined;
    case 'concatenate':
      return splats.every((splat) => Object.is(splat, x)) ? x : undefined;
    case 'reduce':
      return reducedSplat(node, x!);
    default:
      return undefined;
  }
}

function reducedSplat(node: Extract<Node, { op: 'reduce' }>, x: number): number | undefined {
  const count = sizeOf(node.attrs.axes.map((axis) => node.inputs[0]!.shape[axis]!));
  if (count === 0 || node.attrs.kind === 'product') return undefined;
  if (node.attrs.kind !== 'sum') return x;
  return scalarFunction('multiply', node.outputs[0]!.dtype)(x, count);
}
