/** What random graphs are made of: values and ops whose results are exact, whoever computes them. */
import type { DType } from '@eddy/tensor';

import type { BinaryOp, CompareDirection, Reduction, UnaryOp } from '../ops/index.ts';

export const DTYPES: readonly DType[] = ['float32', 'int32', 'bool'];
/** Sums and products of few of them are exact in float32, in any order. */
export const FLOATS = [0, -0, 1, -1, 2, 0.5, -2.5, 3, NaN, Infinity, -Infinity];
export const INTS = [0, 1, -1, 2, -3, 7, 2147483647, -2147483648];
/** Exact, whoever computes them. */
export const UNARY: Readonly<Record<DType, readonly UnaryOp[]>> = {
  float32: ['abs', 'ceil', 'floor', 'negate', 'roundNearestEven', 'sign'],
  int32: ['abs', 'negate', 'sign'],
  bool: ['not'],
};
export const BINARY: Readonly<Record<DType, readonly BinaryOp[]>> = {
  float32: ['add', 'maximum', 'minimum', 'multiply', 'subtract'],
  int32: ['add', 'bitwiseAnd', 'maximum', 'minimum', 'multiply', 'subtract'],
  bool: ['and', 'or', 'xor'],
};
export const DIRECTIONS: readonly CompareDirection[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
export const REDUCTIONS: Readonly<Record<DType, readonly Reduction[]>> = {
  float32: ['sum', 'max', 'min', 'product'],
  int32: ['sum', 'max', 'min', 'product'],
  bool: ['and', 'or'],
};
