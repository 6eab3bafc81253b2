/** Layers as functions of tensors: what models are made of. */
export { attention, type AttentionOptions, type AttentionWeights } from './attention.ts';
export { block, type BlockOptions, type BlockWeights } from './block.ts';
export { embed } from './embedding.ts';
export { castWeight, linear, linearOverRows } from './linear.ts';
export { rmsNorm } from './rms-norm.ts';
export { applyRotary, rotaryTables, type RotaryTables } from './rope.ts';
export { swiglu, swigluOverRows, swigluWidth, type SwigluWeights } from './swiglu.ts';
export { withGradient, type Differentiable } from './with-gradient.ts';
