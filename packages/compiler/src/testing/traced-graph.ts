import type { TensorSpec } from '@eddy/tensor';

import type { Graph, TracedGraph } from '../graph/graph.ts';

/** A graph as a program without state: inputs `x0`, `x1` …, outputs `y0` … */
export function tracedGraph(graph: Graph): TracedGraph {
  return {
    name: 'graph',
    devices: 1,
    graph,
    arguments: graph.inputs.map((spec, i) => ({
      name: `x${i}`,
      kind: 'input',
      spec: spec as TensorSpec,
    })),
    results: graph.outputs.map((spec, i) => ({
      name: `y${i}`,
      kind: 'output',
      spec: spec as TensorSpec,
    })),
  };
}
