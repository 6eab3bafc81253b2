/** Public names of @eddy/compiler: from a TF.js function to StableHLO text. */
export { GraphBuilder } from './graph/builder.ts';
export { flopsOf } from './graph/flops.ts';
export { interpret } from './interpreter/interpret.ts';
export { roundToBfloat16 } from './ops/define/elements.ts';
export {
  compilerTraits,
  lowerParts,
  lowerProgram,
  type CompilerTraits,
  type PartsOfProgram,
} from './lowering/lower-program.ts';
export { cutAtExchanges, type CutProgram, type Exchange } from './passes/cut-at-exchanges.ts';
export { optimise } from './passes/optimise.ts';
export { lower } from './stablehlo/lower.ts';
export type { LibraryProducts } from './ops/define/stablehlo.ts';
export type { LoweredProgram } from './stablehlo/lowered-program.ts';
export { adviceFor, LEFT_OUT } from './trace/left-out.ts';
export { isTraced } from './trace/register.ts';
export { trace } from './trace/trace.ts';
