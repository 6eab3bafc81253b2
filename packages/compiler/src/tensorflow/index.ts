/** Public names of @eddy/compiler/tensorflow: a graph as instructions for TensorFlow's raw operations. */
export type { Block, Instruction, Slot, TensorflowAttr, TensorflowAttrs } from './block.ts';
export { lowerTensorflow } from './lower-tensorflow.ts';
