import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';

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
    const node = withRewrittenBody(original, rule);
    const inputs = node.inputs.map((input) => values.get(input)!);
    const results = rule(node, inputs, b) ?? b.append(node.op, inputs, node.attrs);
    node.outputs.forEach((output, i) => values.set(output, results[i]!));
  }
  return b.finish(graph.outputs.map((output) => values.get(output)!));
}

function withRewrittenBody(node: Node, rule: Rule): Node {
  if (node.op !== 'while') return node;
  return { ...node, attrs: { ...node.attrs, body: rewrite(node.attrs.body, rule) } };
}
