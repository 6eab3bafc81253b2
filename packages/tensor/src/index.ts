/** Public names of @eddy/tensor. */
export { EddyError, InternalError, type ErrorFacts } from './errors.ts';
export {
  BYTES_PER_ELEMENT,
  bytesOf,
  sizeOf,
  zeros,
  type DType,
  type HostTensor,
  type HostTree,
  type SpecTree,
  type TensorSpec,
} from './spec.ts';
export type { Precision, Program, ProgramResult, Share, Sharing, TensorTree } from './program.ts';
export {
  bfloat16,
  COMPOSITE_KERNEL,
  composite,
  noGradient,
  PRECISION_KERNEL,
  REPEAT_KERNEL,
  repeat,
  type CompositeBody,
  type CompositeName,
  type RepeatBody,
} from './ops.ts';
export { FENCE_KERNEL, recomputable, recomputeCheaply, recomputing } from './recompute.ts';
export {
  GATHER_OVER_DEVICES_KERNEL,
  gatherOverDevices,
  SUM_OVER_DEVICES_KERNEL,
  sumOverDevices,
} from './collectives.ts';
export { mapTree, under, within } from './tree.ts';
