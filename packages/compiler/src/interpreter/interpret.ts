/** Evaluates a graph on host arrays: what graphs mean, not how fast they can run. */
import { InternalError, type HostTensor, type HostTree } from '@eddy/tensor';

import type { Graph, TracedGraph, Value } from '../graph/graph.ts';
import { ResultMaker, type Arithmetic, type Elements } from '../ops/define/elements.ts';
import { opOf } from '../ops/index.ts';

/** Runs a traced program; both results by name. */
export function interpret(
  traced: TracedGraph,
  state: HostTree,
  inputs: HostTree,
): { readonly state: HostTree; readonly outputs: HostTree } {
  const operands = traced.arguments.map(({ name, kind }) => {
    const tensor = (kind === 'state' ? state : inputs)[name];
    if (tensor !== undefined) return tensor.data;
    throw new InternalError(`${traced.name}: no value for ${kind} ${name}`);
  });
  const values = interpretGraph(traced.graph, operands);
  const newState: Record<string, HostTensor> = {};
  const outputs: Record<string, HostTensor> = {};
  traced.results.forEach(({ name, kind, spec }, i) => {
    const tree = kind === 'state' ? newState : outputs;
    tree[name] = { ...spec, data: values[i] as HostTensor['data'] };
  });
  return { state: newState, outputs };
}

/** Runs a graph on its inputs. In `float64` arithmetic, floating point values are Float64Arrays. */
export function interpretGraph(
  graph: Graph,
  operands: readonly Elements[],
  arithmetic: Arithmetic = 'float32',
): Elements[] {
  const values = new Map<Value, Elements>();
  graph.inputs.forEach((input, i) => values.set(input, operands[i]!));
  for (const node of graph.nodes) {
    const outputs = node.outputs.map((output) => new ResultMaker(output, arithmetic));
    const results = opOf(node.op).interpret(
      node as never,
      node.inputs.map((input) => values.get(input)!),
      {
        output: outputs[0]!,
        outputs,
        run: (region, inputs) => interpretGraph(region as Graph, inputs, arithmetic),
      },
    );
    results.forEach((elements, i) => values.set(node.outputs[i]!, elements));
  }
  return graph.outputs.map((output) => values.get(output)!);
}
