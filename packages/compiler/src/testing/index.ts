/** Every op as cases, random graphs, and finite differences as oracle: for whoever runs graphs. */
export { difference, FLOAT32_TOLERANCE, type Tolerance } from './compare.ts';
export { finiteDifferences } from './finite-differences.ts';
export { opCases } from './op-cases/index.ts';
export type { OpCase } from './op-cases/op-case.ts';
export { opInputs, opProgram } from './op-program.ts';
export { randomGraph } from './random-graph.ts';
export { runOnTfjs } from './run-on-tfjs.ts';
export { tracedGraph } from './traced-graph.ts';
