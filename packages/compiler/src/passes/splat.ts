import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/** The number that every element of a value has, where the graph shows it. */
export function splatOf(b: GraphBuilder, value: Value): number | undefined {
  const node = b.producer(value);
  if (node === undefined) return undefined;
  if (node.op === 'constant') return node.attrs.data.length === 1 ? node.attrs.data[0] : undefined;
  return node.op === 'broadcastInDim' ? splatOf(b, node.inputs[0]!) : undefined;
}
