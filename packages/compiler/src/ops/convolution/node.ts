import type { OpNode } from '../define/op.ts';
import type { Value, ValueSpec } from '../define/value.ts';

/** Of each axis between batch and features, in their order. */
export interface ConvolutionAttrs {
  readonly strides: readonly number[];
  /** Zeros before and after the input, after it is dilated; negative numbers cut it. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** The input with d − 1 zeros between its elements. */
  readonly inputDilation: readonly number[];
  /** The same of the kernel. */
  readonly kernelDilation: readonly number[];
}

export interface ConvolutionNode extends OpNode<ConvolutionAttrs> {
  readonly inputs: readonly [input: Value, kernel: Value];
  readonly outputs: readonly [Value];
}

/** Sizes of the axes between batch and features. */
export function spatialShape({ shape }: ValueSpec): readonly number[] {
  return shape.slice(1, -1);
}

/** Of an axis with d − 1 zeros between its elements. */
export function dilatedSize(size: number, dilation: number): number {
  return size === 0 ? 0 : (size - 1) * dilation + 1;
}
