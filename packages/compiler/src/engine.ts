/** Public names of @eddy/compiler/engine: programs for a known compiler, on several devices and hosts. */
export {
  compilerTraits,
  lowerParts,
  lowerProgram,
  type CompilerTraits,
  type PartsOfProgram,
} from './lowering/lower-program.ts';
export type { LibraryProducts } from './ops/define/stablehlo.ts';
export { cutAtExchanges, type CutProgram, type Exchange } from './passes/cut-at-exchanges.ts';
export { adviceFor, LEFT_OUT } from './trace/capture/left-out.ts';
export { isTraced } from './trace/register.ts';
