import type { Precision } from '@eddy/core';

import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { roundToBfloat16 } from '../interpreter/scalar-ops.ts';

import { rewrite } from './rewrite.ts';
import { splatOf } from './splat.ts';

type DotNode = Extract<Node, { op: 'dot' }>;

/**
 * Settles the marks of `bfloat16(x)`.
 *
 * `float32` drops them. `bf16-mixed` gives matrix products (not batched) whose operands both come
 * from marked values bfloat16 operands and float32 accumulation. All else computes in float32 on the
 * value before rounding: XLA:CPU has no vector conversion to bfloat16, so that rounding every marked
 * value made the compiled step 3× slower and its compilation 14× longer, and keeps less precision.
 */
export function settlePrecision(graph: Graph, policy: Precision): Graph {
  const settled =
    policy === 'float32'
      ? graph
      : rewrite(graph, (node, inputs, b) =>
          node.op === 'dot' ? bfloat16Dot(node, inputs, b) : undefined,
        );
  return rewrite(settled, (node, inputs) => (node.op === 'precision' ? [inputs[0]!] : undefined));
}

function bfloat16Dot(
  node: DotNode,
  inputs: readonly Value[],
  b: GraphBuilder,
): Value[] | undefined {
  // XLA:CPU refuses a batched product of bfloat16 with a float32 result ("BF16 x BF16 = F32 …
  // DotThunk"), and with a bfloat16 one it is half as fast as float32.
  const isBatched = node.attrs.batch[0].length > 0;
  if (isBatched || node.attrs.dtype !== 'float32') return undefined;
  if (!inputs.every((input) => isBfloat16(b, input))) return undefined;
  const operands = inputs.map((input) => asBfloat16(b, input));
  return [b.emit('dot', operands, node.attrs)];
}

/** Whether every element is marked, or known to be a bfloat16 number. */
function isBfloat16(b: GraphBuilder, x: Value): boolean {
  const splat = splatOf(b, x);
  if (splat !== undefined) return Object.is(roundToBfloat16(splat), splat);
  const node = b.producer(x);
  switch (node?.op) {
    case 'precision':
      return true;
    case 'convert':
      return node.inputs[0]!.dtype === 'bfloat16' || node.inputs[0]!.dtype === 'bool';
    case 'transpose':
    case 'reshape':
    case 'slice':
    case 'reverse':
    case 'broadcastInDim':
      return isBfloat16(b, node.inputs[0]!);
    case 'concatenate':
    case 'pad':
      return node.inputs.every((input) => isBfloat16(b, input));
    case 'select':
      return node.inputs.slice(1).every((input) => isBfloat16(b, input));
    default:
      return false;
  }
}

/** The same value in bfloat16, with the conversion moved up to where the value was marked. */
function asBfloat16(b: GraphBuilder, x: Value): Value {
  const node = b.producer(x);
  switch (node?.op) {
    case 'precision':
    case 'convert':
      return b.convert(node.inputs[0]!, 'bfloat16');
    case 'transpose':
    case 'reshape':
    case 'slice':
    case 'reverse':
    case 'broadcastInDim':
    case 'concatenate':
    case 'pad':
      return b.append(
        node.op,
        node.inputs.map((input) => asBfloat16(b, input)),
        node.attrs,
      )[0]!;
    case 'select':
      return b.emit('select', [
        node.inputs[0]!,
        ...node.inputs.slice(1).map((input) => asBfloat16(b, input)),
      ]);
    default:
      return b.convert(x, 'bfloat16');
  }
}
