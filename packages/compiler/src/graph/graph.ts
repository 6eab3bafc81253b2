/** The graph: pure data, in static single assignment form. */
import type { Share, TensorSpec } from '@eddy/tensor';

import type { GraphDType, OpAttrs, OpName } from './op.ts';

export interface ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
}

/** A tensor that a node produces or a graph takes. The object itself is its name. */
export interface Value extends ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
}

interface NodeOf<K extends OpName> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly attrs: OpAttrs[K];
  /** One value, but for `fence` and `while`. */
  readonly outputs: readonly Value[];
}

/** Discriminated by `op`. */
export type Node = { [K in OpName]: NodeOf<K> }[OpName];

/** Nodes stand in an order in which every value is made before it is used. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
}

export interface GraphArgument {
  readonly name: string;
  readonly kind: 'state' | 'input';
  /** On one device. */
  readonly spec: TensorSpec;
  /** What each device has of the tensor; the whole where it is absent. */
  readonly share?: Share;
}

export interface GraphResult {
  readonly name: string;
  readonly kind: 'state' | 'output';
  /** On one device. */
  readonly spec: TensorSpec;
  /** What each device has of the tensor; the whole where it is absent. */
  readonly share?: Share;
}

/** A program as a graph: what `trace` returns, `optimise` rewrites and `lower` takes. */
export interface TracedGraph {
  readonly name: string;
  /** That run it together, each with its own arguments. */
  readonly devices: number;
  readonly graph: Graph;
  /** One per input of the graph: state in the program's order, then inputs. */
  readonly arguments: readonly GraphArgument[];
  /** One per output of the graph: state, then outputs. */
  readonly results: readonly GraphResult[];
}

/** Nodes of a graph and of all regions in it, each counted once. */
export function countNodes(graph: Graph): number {
  return graph.nodes.reduce(
    (count, node) => count + 1 + (node.op === 'while' ? countNodes(node.attrs.body) : 0),
    0,
  );
}
