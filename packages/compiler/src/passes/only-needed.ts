import type { Graph, TracedGraph } from '../graph/graph.ts';
import { deadCode } from './dead-code.ts';

/** Drops results that none of `outputs` needs in any later step, and arguments for them alone. */
export function onlyNeeded(traced: TracedGraph, outputs: readonly string[]): TracedGraph {
  const wanted = new Set(outputs);
  const carried = new Set<string>();
  for (;;) {
    const results = traced.results.flatMap(({ name, kind }, i) =>
      (kind === 'output' ? wanted : carried).has(name) ? [i] : [],
    );
    const graph = deadCode({
      ...traced.graph,
      outputs: results.map((i) => traced.graph.outputs[i]!),
    });
    const read = readBy(graph);
    const args = traced.graph.inputs.flatMap((input, i) => (read.has(input) ? [i] : []));
    const before = carried.size;
    for (const i of args) {
      const { name, kind } = traced.arguments[i]!;
      const changes = traced.results.some(
        (result) => result.kind === 'state' && result.name === name,
      );
      if (kind === 'state' && changes) carried.add(name);
    }
    if (carried.size === before) {
      return {
        ...traced,
        graph: { ...graph, inputs: args.map((i) => traced.graph.inputs[i]!) },
        arguments: args.map((i) => traced.arguments[i]!),
        results: results.map((i) => traced.results[i]!),
      };
    }
  }
}

function readBy(graph: Graph): ReadonlySet<Graph['inputs'][number]> {
  return new Set([...graph.outputs, ...graph.nodes.flatMap(({ inputs }) => inputs)]);
}
