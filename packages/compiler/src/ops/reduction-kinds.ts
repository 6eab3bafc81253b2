/** What a reduction joins elements by, and what it starts from. */
import type { BinaryElementWise } from './define/element-wise.ts';
import type { GraphDType } from './define/value.ts';
import { add, and, maximum, minimum, multiply, or } from './element-wise.ts';

/** `and` and `or` reduce bool, the others numbers. */
export type Reduction = 'sum' | 'max' | 'min' | 'product' | 'and' | 'or';

interface ReductionKind {
  /** The associative op behind it. */
  readonly op: BinaryElementWise;
  readonly stablehlo: string;
  readonly onnx: string;
  readonly tensorflow: string;
}

export const REDUCTIONS: Readonly<Record<Reduction, ReductionKind>> = {
  sum: { op: add, stablehlo: 'stablehlo.add', onnx: 'ReduceSum', tensorflow: 'Sum' },
  max: { op: maximum, stablehlo: 'stablehlo.maximum', onnx: 'ReduceMax', tensorflow: 'Max' },
  min: { op: minimum, stablehlo: 'stablehlo.minimum', onnx: 'ReduceMin', tensorflow: 'Min' },
  product: {
    op: multiply,
    stablehlo: 'stablehlo.multiply',
    onnx: 'ReduceProd',
    tensorflow: 'Prod',
  },
  // ONNX reduces bool as integers.
  and: { op: and, stablehlo: 'stablehlo.and', onnx: 'ReduceMin', tensorflow: 'All' },
  or: { op: or, stablehlo: 'stablehlo.or', onnx: 'ReduceMax', tensorflow: 'Any' },
};

/** What a reduction of nothing gives, as a number and as a literal of StableHLO. */
export function identityOf(
  kind: Reduction,
  dtype: GraphDType,
): { readonly number: number; readonly literal: string } {
  const isInt = dtype === 'int32';
  switch (kind) {
    case 'sum':
      return { number: 0, literal: isInt ? '0' : '0.0' };
    case 'product':
      return { number: 1, literal: isInt ? '1' : '1.0' };
    case 'max':
      return isInt
        ? { number: -2147483648, literal: '-2147483648' }
        : { number: -Infinity, literal: dtype === 'bfloat16' ? '0xFF80' : '0xFF800000' };
    case 'min':
      return isInt
        ? { number: 2147483647, literal: '2147483647' }
        : { number: Infinity, literal: dtype === 'bfloat16' ? '0x7F80' : '0x7F800000' };
    case 'and':
      return { number: 1, literal: 'true' };
    case 'or':
      return { number: 0, literal: 'false' };
  }
}
