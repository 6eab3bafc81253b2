/** Collects the nodes of one ONNX graph, with names for values. */
import type { Value, ValueSpec } from '../graph/graph.ts';
import type {
  OnnxAttribute,
  OnnxDType,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './onnx-proto.ts';

/** Graphs inside a loop see the names of the graph around them; all names differ. */
export class GraphWriter {
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
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const output = this.fresh();
    this.append(opType, inputs, [output], attributes);
    return output;
  }

  append(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): void {
    this.nodes.push({ opType, inputs, outputs, attributes });
  }

  /** A list of sizes or axes, as ops take them: int64 with one axis. */
  sizes(values: readonly number[]): string {
    return this.literal('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  scalar(dtype: 'float32' | 'int32' | 'int64' | 'bool', value: number): string {
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
}

/** bfloat16 marks are dropped before: `optimise` with precision float32. */
export function onnxDType({ dtype }: ValueSpec): Exclude<OnnxDType, 'int64'> {
  if (dtype === 'bfloat16') throw new Error('bfloat16 is left in the graph');
  return dtype;
}

export function valueInfo(name: string, spec: ValueSpec): OnnxValueInfo {
  return { name, dtype: onnxDType(spec), shape: spec.shape };
}
