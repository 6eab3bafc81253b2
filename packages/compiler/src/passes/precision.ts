import type { Precision } from '@eddy/tensor';

import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { roundToBfloat16 } from '../ops/define/elements.ts';
import { opOf } from '../ops/index.ts';

import { rewrite } from './rewrite.ts';
import { splatOf } from './splat.ts';
import { usersOf } from './users.ts';

type DotNode = Extract<Node, { op: 'dot' }>;
type FenceNode = Extract<Node, { op: 'fence' }>;

/**
 * What a compiler does well with matrices of bfloat16.
 *
 * - `any`: every product, with a result in float32 or in bfloat16.
 * - `contract-last`: only what `productLayout` makes: not batched, the last axis of the left operand
 *   contracted, the result in float32.
 */
export type Products = 'any' | 'contract-last';

/**
 * Settles the marks of `bfloat16(x)`: where a value is stored, and in which type.
 *
 * A marked value that is computed element by element is stored (a barrier): as it is under `float32`,
 * rounded under `bf16-mixed`, and whoever uses it reads that. `bf16-mixed` gives matrix products whose
 * operands both come from marked values bfloat16 operands and float32 accumulation, and a marked product
 * is rounded as it is written, where `products` allows; all else computes in float32.
 */
export function settlePrecision(
  graph: Graph,
  { precision, products }: { readonly precision: Precision; readonly products: Products },
): Graph {
  const mixed = precision === 'bf16-mixed';
  const users = usersOf(graph);
  const stored = rewrite(graph, (node, inputs, b) => {
    if (node.op === 'dot') return mixed ? bfloat16Dot(node, inputs, b, products) : undefined;
    if (node.op === 'fence') return mixed ? bfloat16Fence(node, inputs, b) : undefined;
    // A composite's operand: what is stored already is not rounded again.
    if (node.op === 'convert' && node.attrs.dtype === 'bfloat16')
      return [asBfloat16(b, inputs[0]!)];
    if (node.op !== 'precision') return undefined;
    const [x] = inputs as [Value];
    if (!isComputed(b, x)) {
      const rounded = mixed && products === 'any' ? roundedProduct(b, x) : undefined;
      return rounded === undefined ? undefined : [b.convert(rounded, 'float32')];
    }
    const isStored = !feedsOneElementWise(users, node.outputs[0]!);
    const stored = (value: Value) => (isStored ? b.emit('barrier', [value]) : value);
    if (!mixed) return [stored(x)];
    return [b.convert(stored(b.convert(x, 'bfloat16')), 'float32')];
  });
  return rewrite(stored, (node, inputs) => (node.op === 'precision' ? [inputs[0]!] : undefined));
}

/** Whether fusion puts a value into the one kernel that reads it, so that storing it would only cost. */
function feedsOneElementWise(users: ReturnType<typeof usersOf>, value: Value): boolean {
  const [user, ...others] = users.get(value) ?? [];
  if (user === undefined || user === 'result' || others.length > 0) return false;
  if (user.op === 'reshape') return feedsOneElementWise(users, user.outputs[0]!);
  return opOf(user.op).elementWise;
}

/** Whether a compiler that fuses would compute this value again in each of its users. */
function isComputed(b: GraphBuilder, x: Value): boolean {
  const node = b.producer(x);
  if (node === undefined) return false;
  switch (opOf(node.op).storage) {
    case 'stored':
      return false;
    case 'moved':
      return node.inputs.some((input) => isComputed(b, input));
    case 'computed':
      return true;
  }
}

/** A product of bfloat16 numbers, moved about at most, as one that writes bfloat16. */
function roundedProduct(b: GraphBuilder, x: Value): Value | undefined {
  const node = b.producer(x);
  if (node?.op === 'dot') {
    const isBfloat16Product = node.inputs.every(({ dtype }) => dtype === 'bfloat16');
    return isBfloat16Product
      ? b.emit('dot', node.inputs, { ...node.attrs, dtype: 'bfloat16' })
      : undefined;
  }
  if (node?.op !== 'reshape' && node?.op !== 'transpose') return undefined;
  const moved = roundedProduct(b, node.inputs[0]!);
  return moved === undefined ? undefined : b.append(node.op, [moved], node.attrs)[0];
}

function bfloat16Dot(
  node: DotNode,
  inputs: readonly Value[],
  b: GraphBuilder,
  products: Products,
): Value[] | undefined {
  const isBatched = node.attrs.batch[0].length > 0;
  if ((isBatched && products !== 'any') || node.attrs.dtype !== 'float32') return undefined;
  if (!inputs.every((input) => isBfloat16(b, input))) return undefined;
  const operands = inputs.map((input) => asBfloat16(b, input));
  return [b.emit('dot', operands, node.attrs)];
}

/** What is stored in bfloat16 is kept so: the fence is all that keeps it until the backward pass. */
function bfloat16Fence({ attrs }: FenceNode, inputs: readonly Value[], b: GraphBuilder): Value[] {
  const operands = inputs.map((x) => (isBfloat16(b, x) ? asBfloat16(b, x) : x));
  return b.append('fence', operands, attrs).map((y, i) => b.convert(y, inputs[i]!.dtype));
}

/** Whether every element is marked, or known to be a bfloat16 number. */
function isBfloat16(b: GraphBuilder, x: Value): boolean {
  if (x.dtype === 'int32' || x.dtype === 'bool') return false;
  const splat = splatOf(b, x);
  if (splat !== undefined) return Object.is(roundToBfloat16(splat), splat);
  const node = b.producer(x);
  switch (node?.op) {
    case 'precision':
      return true;
    case 'convert':
      return node.inputs[0]!.dtype === 'bfloat16' || node.inputs[0]!.dtype === 'bool';
    case 'select':
      return node.inputs.slice(1).every((input) => isBfloat16(b, input));
    default:
      return isMoved(node) && node.inputs.every((input) => isBfloat16(b, input));
  }
}

/** The same value in bfloat16, with the conversion moved up to where the value was marked. */
function asBfloat16(b: GraphBuilder, x: Value): Value {
  const node = b.producer(x);
  switch (node?.op) {
    case 'precision': {
      const [marked] = node.inputs as [Value];
      return isBfloat16(b, marked) ? asBfloat16(b, marked) : b.convert(marked, 'bfloat16');
    }
    case 'convert':
      return b.convert(node.inputs[0]!, 'bfloat16');
    case 'select':
      return b.emit('select', [
        node.inputs[0]!,
        ...node.inputs.slice(1).map((input) => asBfloat16(b, input)),
      ]);
    default: {
      if (!isMoved(node)) return b.convert(x, 'bfloat16');
      const operands = node.inputs.map((input) => asBfloat16(b, input));
      return b.append(node.op, operands, node.attrs)[0];
    }
  }
}

/** Whether a node only hands on elements of its operands. */
function isMoved(node: Node | undefined): node is Node {
  return node !== undefined && opOf(node.op).storage === 'moved';
}
