/** What an op writes its ONNX nodes with, and the parts of an ONNX graph. */
import type { GraphDType, Region, Value, ValueSpec } from './value.ts';

export type OnnxDType = 'float32' | 'int32' | 'int64' | 'bool';

export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
}

export interface OnnxTensor extends OnnxValueInfo {
  /** Little-endian. */
  readonly bytes: Uint8Array;
}

/** A whole number, a list of them, a float, a string, or a graph such as the body of a loop. */
export type OnnxAttribute =
  number | readonly number[] | { readonly float: number } | string | OnnxGraph;

export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

export interface OnnxNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: OnnxAttributes;
}

export interface OnnxGraph {
  readonly name: string;
  readonly doc?: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** Where nodes go. Operators are those of opset 18. */
export interface OnnxWriter {
  readonly nodes: readonly OnnxNode[];
  name(value: Value): string;
  /** Says what a value is called. */
  bind(value: Value, name: string): void;
  /** A name that nothing has. */
  fresh(): string;
  /** Appends a node with one result and returns the result's name. */
  node(opType: string, inputs: readonly string[], attributes?: OnnxAttributes): string;
  /** Appends a node with several results and returns their names. */
  nodeWithResults(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes?: OnnxAttributes,
  ): string[];
  /** A list of sizes or axes, as ops take them: int64 with one axis. */
  sizes(values: readonly number[]): string;
  scalar(dtype: OnnxDType, value: number): string;
  /** The same literal is written once. */
  literal(dtype: OnnxDType, shape: readonly number[], data: NodeJS.TypedArray): string;
  /** The value in another dtype; nothing becomes bfloat16 in a file. */
  cast(x: string, dtype: GraphDType): string;
  valueInfo(name: string, spec: ValueSpec): OnnxValueInfo;
  /** For the body of a loop, which sees the names around it. */
  inner(): OnnxWriter;
  /** The nodes of a region; its inputs must have names. */
  body(region: Region): void;
}
