/** Public names of @eddy/compiler/graph: graphs as data, without TF.js. */
export { broadcastShape, GraphBuilder } from './builder.ts';
export { flopsOf } from './flops.ts';
export {
  countNodes,
  type Graph,
  type GraphArgument,
  type GraphResult,
  type Node,
  type TracedGraph,
  type Value,
} from './graph.ts';
export { sameShape } from './infer.ts';
export {
  isBinary,
  isUnary,
  type BinaryOp,
  type CompareDirection,
  type ConstantData,
  type Reduction,
  type UnaryOp,
} from './op.ts';
export { printGraph } from './print.ts';
export { partOf, partsOf, wholeOf } from './split.ts';
