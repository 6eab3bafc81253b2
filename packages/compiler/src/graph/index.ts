/** Public names of @eddy/compiler/graph: graphs as data. Loads neither TF.js nor the table of ops. */
export {
  countNodes,
  regionsOf,
  type Graph,
  type GraphArgument,
  type GraphResult,
  type Node,
  type TracedGraph,
  type Value,
  type ValueSpec,
} from './graph.ts';
export { printGraph } from './print.ts';
export { partOf, partsOf, wholeOf } from './split.ts';
