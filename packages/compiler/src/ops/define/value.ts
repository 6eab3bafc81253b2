/** What nodes take and make: typed tensors without data, and the literals among them. */
import type { DType } from '@eddy/tensor';

export type GraphDType = DType | 'bfloat16';

/** Literal data; one element a value, bool as 0 or 1. */
export type ConstantData = Float32Array | Int32Array | Uint8Array;

export interface ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
}

/** A tensor that a node produces or a graph takes. The object itself is its name. */
export interface Value extends ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
}

/** A node of which nothing is known but its form; `Node` of the graph knows each op's attributes. */
export interface AnyNode {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attrs: object;
  readonly outputs: readonly Value[];
}

/** A graph inside an attribute, such as the body of a loop; in a `Node`, this is a `Graph`. */
export interface Region {
  readonly inputs: readonly Value[];
  /** In an order in which every value is made before it is used. */
  readonly nodes: readonly AnyNode[];
  readonly outputs: readonly Value[];
}

export function isRegion(attr: unknown): attr is Region {
  return typeof attr === 'object' && attr !== null && 'nodes' in attr && 'outputs' in attr;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function sameSpec(a: ValueSpec, b: ValueSpec): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}
