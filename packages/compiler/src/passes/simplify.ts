import { sizeOf } from '@eddy/tensor';

import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { sameShape } from '../ops/define/value.ts';

import { rewrite } from './rewrite.ts';
import { splatOf } from './splat.ts';

type NodeWith<K extends Node['op']> = Extract<Node, { op: K }>;

/** Local identities: what moves data and moves it back, adds zero, multiplies by one. */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, b) => {
    const value = simplified(node, inputs, b);
    return value === undefined ? undefined : [value];
  });
}

function simplified(node: Node, inputs: readonly Value[], b: GraphBuilder): Value | undefined {
  const [x, y, z] = inputs as [Value, Value, Value];
  switch (node.op) {
    case 'reshape':
      return simplifyReshape(node, x, b);
    case 'transpose':
      return simplifyTranspose(node, x, b);
    case 'broadcastInDim':
      return simplifyBroadcast(node, x, b);
    case 'slice':
      return simplifySlice(node, x, b);
    case 'convert':
      return simplifyConvert(node, x, b);
    case 'reduce':
      return simplifyReduce(node, x, b);
    case 'concatenate':
      return inputs.length === 1 ? x : undefined;
    case 'pad':
      return [...node.attrs.low, ...node.attrs.high].every((count) => count === 0) ? x : undefined;
    case 'precision':
      return b.producer(x)?.op === 'precision' ? x : undefined;
    case 'add':
      if (splatOf(b, y) === 0) return x;
      return splatOf(b, x) === 0 ? y : undefined;
    case 'subtract':
      return splatOf(b, y) === 0 ? x : undefined;
    case 'multiply':
      if (splatOf(b, y) === 1) return x;
      return splatOf(b, x) === 1 ? y : undefined;
    case 'divide':
      return splatOf(b, y) === 1 ? x : undefined;
    case 'power':
      return splatOf(b, y) === 2 ? b.emit('multiply', [x, x]) : undefined;
    case 'negate': {
      const inner = b.producer(x);
      return inner?.op === 'negate' ? inner.inputs[0] : undefined;
    }
    case 'select': {
      const condition = splatOf(b, x);
      if (condition === undefined) return y === z ? y : undefined;
      return condition === 0 ? z : y;
    }
    default:
      return undefined;
  }
}

function simplifyReshape(node: NodeWith<'reshape'>, x: Value, b: GraphBuilder): Value | undefined {
  if (sameShape(x.shape, node.attrs.shape)) return x;
  const inner = b.producer(x);
  return inner?.op === 'reshape' ? b.reshape(inner.inputs[0]!, node.attrs.shape) : undefined;
}

function simplifyTranspose(
  node: NodeWith<'transpose'>,
  x: Value,
  b: GraphBuilder,
): Value | undefined {
  const { permutation } = node.attrs;
  if (permutation.every((axis, i) => axis === i)) return x;
  const inner = b.producer(x);
  if (inner?.op !== 'transpose') return undefined;
  const combined = permutation.map((axis) => inner.attrs.permutation[axis]!);
  return b.transpose(inner.inputs[0]!, combined);
}

function simplifyBroadcast(
  node: NodeWith<'broadcastInDim'>,
  x: Value,
  b: GraphBuilder,
): Value | undefined {
  const { shape, axes } = node.attrs;
  if (sameShape(x.shape, shape)) return x;
  const inner = b.producer(x);
  if (inner?.op === 'broadcastInDim') {
    const combined = inner.attrs.axes.map((axis) => axes[axis]!);
    return b.emit('broadcastInDim', [inner.inputs[0]!], { shape, axes: combined });
  }
  return undefined;
}

function simplifySlice(node: NodeWith<'slice'>, x: Value, b: GraphBuilder): Value | undefined {
  const { start, limit, strides } = node.attrs;
  if (sameShape(node.outputs[0]!.shape, x.shape)) return x;
  const inner = b.producer(x);
  if (inner?.op !== 'concatenate' || strides.some((stride) => stride !== 1)) return undefined;
  // A slice that lies inside one piece of a concatenation is a slice of that piece. This undoes the
  // packing of results by `noGradient`.
  const { axis } = inner.attrs;
  let offset = 0;
  for (const piece of inner.inputs) {
    const end = offset + piece.shape[axis]!;
    if (start[axis]! >= offset && limit[axis]! <= end) {
      const within = (bounds: readonly number[]) =>
        bounds.map((at, i) => (i === axis ? at - offset : at));
      const attrs = { start: within(start), limit: within(limit), strides };
      const whole = sameShape(piece.shape, node.outputs[0]!.shape);
      return whole ? piece : b.emit('slice', [piece], attrs);
    }
    offset = end;
  }
  return undefined;
}

function simplifyConvert(node: NodeWith<'convert'>, x: Value, b: GraphBuilder): Value | undefined {
  const { dtype } = node.attrs;
  if (x.dtype === dtype) return x;
  const inner = b.producer(x);
  if (inner?.op !== 'convert') return undefined;
  const source = inner.inputs[0]!;
  // Only where the value in between holds every value of the source.
  const lossless =
    source.dtype === 'bool' || (source.dtype === 'bfloat16' && x.dtype === 'float32');
  return lossless && dtype !== 'bool' ? b.convert(source, dtype) : undefined;
}

function simplifyReduce(node: NodeWith<'reduce'>, x: Value, b: GraphBuilder): Value | undefined {
  const reduced = node.attrs.axes.map((axis) => x.shape[axis]!);
  return reduced.every((dim) => dim === 1) && sizeOf(x.shape) > 0
    ? b.reshape(x, node.outputs[0]!.shape)
    : undefined;
}
