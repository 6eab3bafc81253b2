import type { Precision } from '@eddy/core';

import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { roundToBfloat16 } from '../interpreter/scalar-ops.ts';

import { rewrite } from './rewrite.ts';
import { splatOf } from './splat.ts';

type DotNode = Extract<Node, { op: 'dot' }>;

/**
 * Settles the marks of `bfloat16(x)`: where a value is stored, and in which type.
 *
 * A marked value that is computed element by element is stored (a barrier): as it is under `float32`,
 * rounded under `bf16-mixed`, and whoever uses it reads that. A marked product is stored anyway, in
 * float32. `bf16-mixed` gives matrix products (not batched) whose operands both come from marked values
 * bfloat16 operands and float32 accumulation; all else computes in float32.
 */
export function settlePrecision(graph: Graph, policy: Precision): Graph {
  const mixed = policy === 'bf16-mixed';
  const stored = rewrite(graph, (node, inputs, b) => {
    if (node.op === 'dot') return mixed ? bfloat16Dot(node, inputs, b) : undefined;
    if (node.op !== 'precision' || !isComputed(b, inputs[0]!)) return undefined;
    if (!mixed) return [b.emit('barrier', inputs)];
    const rounded = b.emit('barrier', [b.convert(inputs[0]!, 'bfloat16')]);
    return [b.convert(rounded, 'float32')];
  });
  return rewrite(stored, (node, inputs) => (node.op === 'precision' ? [inputs[0]!] : undefined));
}

/** Results of these are in memory; a mark that is left was found to be on one of them. */
const STORED: ReadonlySet<Node['op']> = new Set([
  'barrier',
  'constant',
  'dot',
  'iota',
  'precision',
  'while',
]);
/** These hand on what they were given. */
const MOVES: ReadonlySet<Node['op']> = new Set([
  'broadcastInDim',
  'concatenate',
  'convert',
  'pad',
  'reshape',
  'reverse',
  'slice',
  'transpose',
]);

/** Whether a compiler that fuses would compute this value again in each of its users. */
function isComputed(b: GraphBuilder, x: Value): boolean {
  const node = b.producer(x);
  if (node === undefined || STORED.has(node.op)) return false;
  return MOVES.has(node.op) ? node.inputs.some((input) => isComputed(b, input)) : true;
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
