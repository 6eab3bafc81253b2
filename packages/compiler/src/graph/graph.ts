/** The graph: pure data, in static single assignment form. */
import type { Share, TensorSpec } from '@eddy/tensor';

import type { AttrsOf } from '../ops/define/op.ts';
import { isRegion, type Region, type Value } from '../ops/define/value.ts';
import type { OpName, OPS } from '../ops/index.ts';

export type { Value, ValueSpec } from '../ops/define/value.ts';

/** Attributes of each op, as its definition declares them; regions hold graphs. */
export type OpAttrs = { [K in OpName]: WithGraphs<AttrsOf<(typeof OPS)[K]>> };

/** To the definition of an op a region has any nodes; in a graph they are nodes of the table. */
type WithGraphs<A> = { [P in keyof A]: A[P] extends Region ? Graph : A[P] };

interface NodeOf<K extends OpName> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly attrs: OpAttrs[K];
  /** As many as the op has results. */
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

/** Graphs that are attributes of a node, such as the body of a loop. */
export function regionsOf(node: Node): readonly Graph[] {
  return Object.values(node.attrs).filter(isRegion) as unknown as readonly Graph[];
}

/** Nodes of a graph and of all regions in it, each counted once. */
export function countNodes(graph: Graph): number {
  return graph.nodes.reduce(
    (count, node) =>
      count + 1 + regionsOf(node).reduce((inner, region) => inner + countNodes(region), 0),
    0,
  );
}
