import type { GraphBuilder } from '../graph/builder.ts';
import { regionsOf, type Graph, type Node, type Value } from '../graph/graph.ts';

import { rewrite } from './rewrite.ts';

/** Literals over this many elements are taken to be different. */
const MAX_COMPARED_ELEMENTS = 64;

/** Computes once what two nodes compute alike. Each region by itself; nodes with regions are left alone. */
export function commonSubexpressions(graph: Graph): Graph {
  const seen = new Map<GraphBuilder, Map<string, readonly Value[]>>();
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value) => {
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value)!;
  };
  return rewrite(graph, (node, inputs, b) => {
    const attrs = attrsKey(node);
    if (attrs === undefined) return undefined;
    const key = `${node.op} ${inputs.map(numberOf).join(' ')} ${attrs}`;
    const inRegion = seen.get(b) ?? new Map<string, readonly Value[]>();
    seen.set(b, inRegion);
    const results = inRegion.get(key) ?? b.append(node.op, inputs, node.attrs);
    inRegion.set(key, results);
    return results;
  });
}

function attrsKey(node: Node): string | undefined {
  if (regionsOf(node).length > 0) return undefined;
  if (node.op !== 'constant') return JSON.stringify(node.attrs);
  const { shape, dtype, data } = node.attrs;
  if (data.length > MAX_COMPARED_ELEMENTS) return undefined;
  // By bytes: 0 and −0 are not the same, NaN is.
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
  return `${dtype}[${shape.join(',')}] ${bytes}`;
}
