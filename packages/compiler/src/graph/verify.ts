import { InternalError } from '@eddy/tensor/errors';

import { InvalidNodeError } from '../ops/define/errors.ts';
import { sameSpec } from '../ops/define/value.ts';
import { opOf } from '../ops/index.ts';
import {
  regionsOf,
  type Graph,
  type Node,
  type TracedGraph,
  type Value,
  type ValueSpec,
} from './graph.ts';
import { printNode, printSpec } from './print.ts';

/**
 * Checks that every value is made before it is used and that every node obeys its op's rule.
 *
 * @throws InternalError naming the node: a malformed graph is our defect, not the user's.
 */
export function verify(graph: Graph, where = 'graph'): void {
  const defined = new Set<Value>(graph.inputs);
  graph.nodes.forEach((node, index) => {
    const at = `${where}, node ${index}: ${printNode(node)}`;
    for (const input of node.inputs) {
      if (!defined.has(input)) throw new InternalError(`${at}: operand is used before it is made`);
    }
    verifyNode(node, at);
    for (const output of node.outputs) {
      if (defined.has(output)) throw new InternalError(`${at}: result is made twice`);
      defined.add(output);
    }
    for (const region of regionsOf(node)) verify(region, `${where}, body of node ${index}`);
  });
  if (!graph.outputs.every((output) => defined.has(output))) {
    throw new InternalError(`${where}: returns a value that no node makes`);
  }
}

/** Also checks the graph against the names and specs of its arguments and results. */
export function verifyTraced(traced: TracedGraph): void {
  verify(traced.graph, traced.name);
  const pairs: [string, readonly Value[], readonly { name: string; spec: ValueSpec }[]][] = [
    ['argument', traced.graph.inputs, traced.arguments],
    ['result', traced.graph.outputs, traced.results],
  ];
  for (const [what, values, declared] of pairs) {
    if (values.length !== declared.length) {
      throw new InternalError(
        `${traced.name}: ${values.length} ${what}s, ${declared.length} names`,
      );
    }
    declared.forEach(({ name, spec }, i) => {
      const value = values[i]!;
      if (sameSpec(value, spec)) return;
      const found = `${printSpec(value)}, declared ${printSpec(spec)}`;
      throw new InternalError(`${traced.name}: ${what} ${name} is ${found}`);
    });
  }
}

function verifyNode(node: Node, at: string): void {
  const outputs = inferOrFail(node, at);
  const agree =
    outputs.length === node.outputs.length &&
    outputs.every((spec, i) => sameSpec(spec, node.outputs[i]!));
  if (!agree) throw new InternalError(`${at}: should be ${outputs.map(printSpec).join(', ')}`);
}

function inferOrFail(node: Node, at: string): readonly ValueSpec[] {
  try {
    return opOf(node.op).infer(node.inputs, node.attrs as never);
  } catch (error) {
    if (error instanceof InvalidNodeError) throw new InvalidNodeError(error.rule, at);
    throw error;
  }
}
