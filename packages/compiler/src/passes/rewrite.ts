import { GraphBuilder } from '../graph/builder.ts';
import { regionsOf, type Graph, type Node, type Value } from '../graph/graph.ts';
import { isRegion } from '../ops/define/value.ts';

/**
 * What a pass does to one node. `inputs` are the node's operands in the new graph, whose producers
 * `b.producer` knows. Returns the values that stand for the node's results, or nothing to keep it.
 */
export type Rule = (
  node: Node,
  inputs: readonly Value[],
  b: GraphBuilder,
) => readonly Value[] | undefined;

/** Rebuilds a graph node by node, regions first. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const b = new GraphBuilder();
  const values = new Map<Value, Value>();
  for (const input of graph.inputs) values.set(input, b.input(input));
  for (const original of graph.nodes) {
    const node = withRewrittenRegions(original, rule);
    const inputs = node.inputs.map((input) => values.get(input)!);
    const results = rule(node, inputs, b) ?? b.append(node.op, inputs, node.attrs);
    node.outputs.forEach((output, i) => values.set(output, results[i]!));
  }
  return b.finish(graph.outputs.map((output) => values.get(output)!));
}

function withRewrittenRegions(node: Node, rule: Rule): Node {
  if (regionsOf(node).length === 0) return node;
  const entries = Object.entries<unknown>(node.attrs).map(([name, attr]) => [
    name,
    isRegion(attr) ? rewrite(attr as Graph, rule) : attr,
  ]);
  const attrs: unknown = Object.fromEntries(entries);
  return { ...node, attrs } as Node;
}
