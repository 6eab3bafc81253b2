/** A supervision step as an ONNX model: carry and batch in, carry and answer out. */
import type { HostTree, Program } from '@eddy/tensor';

import type { Graph, TracedGraph } from '../graph/graph.ts';
import { deadCode } from '../passes/dead-code.ts';
import { optimise } from '../passes/optimise.ts';
import { trace } from '../trace/trace.ts';
import { lowerOnnx } from './lower-onnx.ts';

export interface OnnxExportOptions {
  /** Values of the program's state that do not change: the weights. */
  readonly weights: HostTree;
  /** Outputs of the program that the model shall have, and what they are called in it. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Traces a program and writes it as ONNX (opset 18, float32).
 *
 * State that is no weight becomes an input of its name and an output `next/<name>`, if any of the
 * outputs depends on it, now or in a later step. Inputs that nothing depends on are left out.
 *
 * @throws ONNX_UNSUPPORTED_OP, ONNX_TOO_LARGE and what tracing throws
 */
export function exportOnnx(program: Program, options: OnnxExportOptions): Uint8Array {
  const traced = optimise(trace(program), { precision: 'float32' });
  const needed = onlyNeeded(traced, Object.keys(options.outputs));
  const used = needed.arguments.filter(({ name }) => name in options.weights);
  const constants = Object.fromEntries(used.map(({ name }) => [name, options.weights[name]!]));
  const names = {
    argument: (name: string) => name,
    result: (name: string, kind: 'state' | 'output') =>
      kind === 'state' ? `next/${name}` : options.outputs[name]!,
  };
  return lowerOnnx(needed, constants, names, { producer: 'eddy', metadata: options.metadata });
}

/** Without results that none of `outputs` needs in any later step, nor arguments for them alone. */
function onlyNeeded(traced: TracedGraph, outputs: readonly string[]): TracedGraph {
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
