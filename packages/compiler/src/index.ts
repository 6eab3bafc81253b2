/** Public names of @eddy/compiler: from a TF.js function to StableHLO text, in one call or step by step. */
export {
  toStableHlo,
  type StableHloOptions,
  type TensorFunction,
} from './lowering/to-stablehlo.ts';

// The steps of it.
export { trace } from './trace/trace.ts';
export { optimise } from './passes/optimise.ts';
export { onlyNeeded } from './passes/only-needed.ts';
export { lower } from './stablehlo/lower.ts';
export type { LoweredProgram } from './stablehlo/lowered-program.ts';

// Graphs: built by hand, evaluated, counted; @eddy/compiler/graph has the rest.
export { GraphBuilder } from './graph/builder.ts';
export { flopsOf } from './graph/flops.ts';
export { interpret } from './interpreter/interpret.ts';
