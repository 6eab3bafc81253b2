/** Every op as cases, random graphs, and finite differences as oracle: for whoever runs graphs. Needs vitest. */
export { checkOp, partsOf } from './check-op.ts';
export { difference, FLOAT32_TOLERANCE, type Tolerance } from './compare.ts';
export { finiteDifferences } from './finite-differences.ts';
export { CPU_GAPS, gapOf, TFJS_GRADIENT_GAPS, type Gap, type Part } from './known-gaps.ts';
export { opCases } from './op-cases/index.ts';
export type { OpCase } from './op-cases/op-case.ts';
export { opInputs, opProgram } from './op-program.ts';
export { randomGraph } from './random-graph.ts';
export { roundToBfloat16 } from '../ops/define/elements.ts';
export { runOnTfjs } from './run-on-tfjs.ts';
export { targetSuite } from './target-suite.ts';
export { interpreterTarget, tfjsTarget, type Target } from './targets.ts';
export { tracedGraph } from './traced-graph.ts';
export { WASM_GAPS } from './wasm-gaps.ts';
