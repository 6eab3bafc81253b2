import type { Graph, Node, Value } from '../graph/graph.ts';
import { sameShape } from '../ops/define/value.ts';
import { printNode } from '../graph/print.ts';

/** What differs first between two graphs, in words; nothing where they are equal. */
export function firstDifference(a: Graph, b: Graph): string | undefined {
  const partner = new Map<Value, Value>();
  const pair = (left: readonly Value[], right: readonly Value[]) => {
    left.forEach((value, i) => partner.set(value, right[i]!));
  };
  const paired = (left: readonly Value[], right: readonly Value[]) =>
    left.length === right.length && left.every((value, i) => partner.get(value) === right[i]);

  pair(a.inputs, b.inputs);
  const count = Math.min(a.nodes.length, b.nodes.length);
  for (let i = 0; i < count; i++) {
    const left = a.nodes[i]!;
    const right = b.nodes[i]!;
    const difference = nodeDifference(left, right);
    if (difference !== undefined) return difference;
    if (!paired(left.inputs, right.inputs)) return `operands of ${printNode(left)}`;
    pair(left.outputs, right.outputs);
  }
  if (a.nodes.length !== b.nodes.length) return `${a.nodes.length} and ${b.nodes.length} nodes`;
  return paired(a.outputs, b.outputs) ? undefined : 'the returned values';
}

function nodeDifference(a: Node, b: Node): string | undefined {
  if (a.op === 'while' && b.op === 'while') {
    if (a.attrs.times !== b.attrs.times) return `times of ${printNode(a)}`;
    return firstDifference(a.attrs.body, b.attrs.body);
  }
  const equal =
    a.op === 'constant' && b.op === 'constant'
      ? a.attrs.dtype === b.attrs.dtype &&
        sameShape(a.attrs.shape, b.attrs.shape) &&
        a.attrs.data.every((x, i) => Object.is(x, b.attrs.data[i]))
      : a.op === b.op && JSON.stringify(a.attrs) === JSON.stringify(b.attrs);
  return equal ? undefined : `${printNode(a)} and ${printNode(b)}`;
}
