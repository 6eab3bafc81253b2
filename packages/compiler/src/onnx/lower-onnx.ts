import { bytesOf, type HostTree } from '@eddy/tensor';

import type { Graph, Node, TracedGraph } from '../graph/graph.ts';
import { emitNode } from './emit-node.ts';
import { onnxTooLarge } from './errors.ts';
import { GraphWriter, valueInfo } from './graph-writer.ts';
import { encodeModel, type OnnxGraph } from './onnx-proto.ts';

type WhileNode = Extract<Node, { op: 'while' }>;

/** Of a protobuf message. */
const MAX_BYTES = 2 ** 31 - 1;

export interface OnnxNames {
  /** What an argument or result is called in the file. */
  readonly argument: (name: string) => string;
  readonly result: (name: string, kind: 'state' | 'output') => string;
}

/**
 * Writes a graph as an ONNX model.
 *
 * A loop becomes ONNX's Loop. Everything is computed in float32.
 *
 * @param constants  values of arguments that are part of the file, not inputs of the model
 * @throws ONNX_UNSUPPORTED_OP, ONNX_TOO_LARGE
 */
export function lowerOnnx(
  traced: TracedGraph,
  constants: HostTree,
  names: OnnxNames,
  facts: { readonly producer: string; readonly metadata: Readonly<Record<string, string>> },
): Uint8Array {
  const bytes = bytesOf(constants);
  if (bytes > MAX_BYTES) throw onnxTooLarge(bytes, MAX_BYTES);
  const w = GraphWriter.outermost();
  const inputs: OnnxGraph['inputs'][number][] = [];
  traced.graph.inputs.forEach((input, i) => {
    const { name: own } = traced.arguments[i]!;
    const name = names.argument(own);
    const constant = constants[own];
    w.bind(input, name);
    if (constant === undefined) inputs.push(valueInfo(name, input));
    else {
      const { data } = constant;
      const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      w.initializers.push({ ...valueInfo(name, input), bytes: raw });
    }
  });
  emitBody(traced.graph, w);
  const outputs = traced.graph.outputs.map((output, i) => {
    const { name: own, kind } = traced.results[i]!;
    const name = names.result(own, kind);
    // A result may be an input, or another result: each gets a name of its own.
    w.append('Identity', [w.name(output)], [name]);
    return valueInfo(name, output);
  });
  const { nodes, initializers } = w;
  return encodeModel({ name: traced.name, nodes, initializers, inputs, outputs }, facts);
}

function emitBody(graph: Graph, w: GraphWriter): void {
  for (const node of graph.nodes) {
    if (node.op === 'while') emitLoop(node, w);
    else emitNode(node, w);
  }
}

/** Only the state is carried; what the body reads besides, it sees by name. */
function emitLoop({ inputs, outputs, attrs: { times, body } }: WhileNode, w: GraphWriter): void {
  const inner = w.inner();
  const numState = body.outputs.length;
  const [turn, goesOn] = [inner.fresh(), inner.fresh()];
  const state = body.inputs.slice(0, numState).map((input) => {
    const name = inner.fresh();
    inner.bind(input, name);
    return valueInfo(name, input);
  });
  body.inputs
    .slice(numState)
    .forEach((input, i) => inner.bind(input, w.name(inputs[numState + i]!)));
  emitBody(body, inner);
  const still = inner.node('Identity', [goesOn]);
  const next = body.outputs.map((output) =>
    valueInfo(inner.node('Identity', [inner.name(output)]), output),
  );
  const graph: OnnxGraph = {
    name: 'turn',
    nodes: inner.nodes,
    initializers: [],
    inputs: [
      { name: turn, dtype: 'int64', shape: [] },
      { name: goesOn, dtype: 'bool', shape: [] },
      ...state,
    ],
    outputs: [{ name: still, dtype: 'bool', shape: [] }, ...next],
  };
  const results = outputs.map((output) => {
    const name = w.fresh();
    w.bind(output, name);
    return name;
  });
  const start = inputs.slice(0, numState).map((input) => w.name(input));
  const operands = [w.scalar('int64', times), w.scalar('bool', 1), ...start];
  w.append('Loop', operands, results, { body: graph });
}
