import { bytesOf, type HostTree } from '@eddy/tensor';

import type { TracedGraph } from '../graph/graph.ts';
import type { OnnxGraph } from '../ops/define/onnx.ts';
import { onnxTooLarge } from './errors.ts';
import { GraphWriter } from './graph-writer.ts';
import { encodeModel } from './onnx-proto.ts';

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
 * Everything is computed in float32.
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
    if (constant === undefined) inputs.push(w.valueInfo(name, input));
    else {
      const { data } = constant;
      const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      w.initializers.push({ ...w.valueInfo(name, input), bytes: raw });
    }
  });
  w.body(traced.graph);
  const outputs = traced.graph.outputs.map((output, i) => {
    const { name: own, kind } = traced.results[i]!;
    const name = names.result(own, kind);
    // A result may be an input, or another result: each gets a name of its own.
    w.append('Identity', [w.name(output)], [name]);
    return w.valueInfo(name, output);
  });
  const { nodes, initializers } = w;
  return encodeModel({ name: traced.name, nodes, initializers, inputs, outputs }, facts);
}
