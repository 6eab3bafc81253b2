/** Collects the nodes of one ONNX graph, with names for values. */
import { InternalError } from '@eddy/tensor';

import type { Graph, Value, ValueSpec } from '../graph/graph.ts';
import { UnsupportedOpError } from '../ops/define/op.ts';
import type {
  OnnxAttributes,
  OnnxDType,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
  OnnxWriter,
} from '../ops/define/onnx.ts';
import type { GraphDType, Region } from '../ops/define/value.ts';
import { opOf } from '../ops/index.ts';
import { onnxUnsupportedOp } from './errors.ts';
import { ONNX_DTYPES } from './onnx-proto.ts';

/** Graphs inside a loop see the names of the graph around them; all names differ. */
export class GraphWriter implements OnnxWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[];
  readonly #names: Map<Value, string>;
  readonly #literals: Map<string, string>;
  readonly #count: { next: number };

  private constructor(shared: {
    initializers: OnnxTensor[];
    names: Map<Value, string>;
    literals: Map<string, string>;
    count: { next: number };
  }) {
    this.initializers = shared.initializers;
    this.#names = shared.names;
    this.#literals = shared.literals;
    this.#count = shared.count;
  }

  static outermost(): GraphWriter {
    const count = { next: 0 };
    return new GraphWriter({ initializers: [], names: new Map(), literals: new Map(), count });
  }

  /** For the body of a loop: its literals stand outside. */
  inner(): GraphWriter {
    return new GraphWriter({
      initializers: this.initializers,
      names: this.#names,
      literals: this.#literals,
      count: this.#count,
    });
  }

  name(value: Value): string {
    return this.#names.get(value)!;
  }

  /** Says what a value is called. */
  bind(value: Value, name: string): void {
    this.#names.set(value, name);
  }

  fresh(): string {
    return `v${this.#count.next++}`;
  }

  /** Appends a node with one result and returns the result's name. */
  node(opType: string, inputs: readonly string[], attributes: OnnxAttributes = {}): string {
    const output = this.fresh();
    this.append(opType, inputs, [output], attributes);
    return output;
  }

  /** Appends a node with several results and returns their names. */
  nodeWithResults(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: OnnxAttributes = {},
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.fresh());
    this.append(opType, inputs, outputs, attributes);
    return outputs;
  }

  append(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: OnnxAttributes = {},
  ): void {
    this.nodes.push({ opType, inputs, outputs, attributes });
  }

  /** A list of sizes or axes, as ops take them: int64 with one axis. */
  sizes(values: readonly number[]): string {
    return this.literal('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  scalar(dtype: OnnxDType, value: number): string {
    switch (dtype) {
      case 'float32':
        return this.literal(dtype, [], Float32Array.of(value));
      case 'int32':
        return this.literal(dtype, [], Int32Array.of(value));
      case 'int64':
        return this.literal(dtype, [], BigInt64Array.of(BigInt(value)));
      case 'bool':
        return this.literal(dtype, [], Uint8Array.of(value));
    }
  }

  /** The same literal is written once. */
  literal(dtype: OnnxDType, shape: readonly number[], data: NodeJS.TypedArray): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${dtype}[${shape.join()}] ${Buffer.from(bytes).toString('base64')}`;
    const known = this.#literals.get(key);
    if (known !== undefined) return known;
    const name = `literal${this.#literals.size}`;
    this.#literals.set(key, name);
    this.initializers.push({ name, dtype, shape, bytes });
    return name;
  }

  cast(x: string, dtype: GraphDType): string {
    return this.node('Cast', [x], { to: ONNX_DTYPES[onnxDType(dtype)] });
  }

  valueInfo(name: string, { shape, dtype }: ValueSpec): OnnxValueInfo {
    return { name, dtype: onnxDType(dtype), shape };
  }

  /** @throws ONNX_UNSUPPORTED_OP for what ONNX has no operator for */
  body(region: Region): void {
    for (const node of (region as Graph).nodes) {
      try {
        const names = opOf(node.op).onnx(node as never, this);
        node.outputs.forEach((output, i) => {
          this.bind(output, names[i]!);
        });
      } catch (error) {
        if (!(error instanceof UnsupportedOpError)) throw error;
        throw onnxUnsupportedOp(error.op, error.because, node.outputs[0]!);
      }
    }
  }
}

/** bfloat16 marks are dropped before: `optimise` with precision float32. */
function onnxDType(dtype: GraphDType): Exclude<OnnxDType, 'int64'> {
  if (dtype === 'bfloat16') throw new InternalError('bfloat16 is left in the graph');
  return dtype;
}
