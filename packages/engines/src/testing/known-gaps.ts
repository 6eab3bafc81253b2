/** What is known not to work, and why. Each gap is asserted, so that a repair is noticed. */

export type Part = 'value' | 'gradient' | 'finite differences';

export interface Gap {
  readonly op: string;
  /** One case of the op; all where absent. */
  readonly name?: string;
  readonly part: Part;
  readonly reason: string;
  /** Right or wrong by chance (memory that nobody cleared): not run. */
  readonly byChance?: true;
}

const noReduction = (op: string): Gap[] =>
  ['scalar', 'row', 'column and row'].map((name) => ({
    op,
    name,
    part: 'gradient',
    reason: 'TF.js does not sum the gradient over broadcast axes: give both operands one shape',
  }));

/** Gradients that TF.js itself gets wrong or refuses: on every engine, as they are its code. */
export const TFJS_GRADIENT_GAPS: readonly Gap[] = [
  ...noReduction('maximum'),
  ...noReduction('minimum'),
  ...noReduction('squaredDifference'),
  {
    op: 'prelu',
    name: 'column and row',
    part: 'gradient',
    reason: 'TF.js does not sum the gradient over broadcast axes of x',
  },
  {
    op: 'prod',
    name: 'last axis',
    part: 'gradient',
    reason: 'TF.js refuses a negative axis in the gradient: count axes from the front',
  },
  {
    op: 'cumsum',
    name: 'first axis',
    part: 'gradient',
    reason: 'TF.js transposes the gradient wrongly: scan the last axis',
  },
  {
    op: 'mirrorPad',
    part: 'finite differences',
    reason: 'TF.js ignores the mirrored elements in the gradient',
  },
  ...['no offset, no scale', 'an element for each of x'].map((name): Gap => ({
    op: 'batchNorm',
    name,
    part: 'gradient',
    reason: 'TF.js needs a scale for the gradient: give one',
  })),
];

const slopeGap = (op: string, name: string, reason: string): Gap => ({
  op,
  name,
  part: 'finite differences',
  reason,
});

/** What TF.js's cpu kernels compute otherwise than every other engine; see `OpCase.expected`. */
export const CPU_GAPS: readonly Gap[] = [
  {
    op: 'sign',
    name: 'NaN stays',
    part: 'value',
    reason: 'gives 0 for NaN',
  },
  ...['argMax', 'argMin'].map((op): Gap => ({
    op,
    name: 'NaN counts as extreme',
    part: 'value',
    reason: 'skips NaN (NumPy and PyTorch return its place)',
  })),
  {
    op: 'matMul',
    name: 'batch axes that broadcast',
    part: 'value',
    reason: 'pairs the wrong matrices where two batch axes broadcast against each other',
  },
  {
    op: 'einsum',
    name: 'a letter of one operand only is added up',
    part: 'value',
    reason: 'keeps axes that only one of two operands has',
  },
  {
    op: 'image.transform',
    name: 'two images',
    part: 'value',
    reason: 'transforms the first image of a batch only',
  },
  ...['larger', 'smaller', 'one row', 'corners aligned'].map((name) =>
    slopeGap('image.resizeBilinear', name, 'swaps height and width of the gradient'),
  ),
  ...['larger', 'smaller', 'one row', 'corners aligned'].map((name) =>
    slopeGap('image.resizeNearestNeighbor', name, 'is wrong for a batch of images'),
  ),
  ...['image.resizeBilinear', 'image.resizeNearestNeighbor'].flatMap((op) =>
    ['half pixels, larger', 'half pixels, smaller'].map((name) =>
      slopeGap(op, name, 'ignores halfPixelCenters in the gradient'),
    ),
  ),
];

const wasmValue = (op: string, name: string, reason: string): Gap => ({
  op,
  name,
  part: 'value',
  reason,
});

/** TF.js's wasm kernels. */
export const WASM_GAPS: readonly Gap[] = [
  ...['sin', 'cos'].map((op) =>
    wasmValue(op, 'special values', 'no reduction of large arguments (1e30)'),
  ),
  ...['relu6', 'clipByValue'].map((op) => wasmValue(op, 'special values', 'loses NaN')),
  ...['maximum', 'minimum'].map((op) => wasmValue(op, 'NaN', 'loses NaN on the right')),
  wasmValue('sign', 'NaN stays', 'gives 0 for NaN'),
  wasmValue('log1p', 'near zero', 'computes log(1 + x), which loses the digits of x'),
  wasmValue('prelu', 'column and row', 'does not broadcast x'),
  wasmValue('floorDiv', 'float32, signs', 'result is float32, not int32'),
  wasmValue('cast', 'float32 to bool', 'wrong: write notEqual(x, 0)'),
  wasmValue('cast', 'int32 to bool', 'wrong: write notEqual(x, 0)'),
  wasmValue('prod', 'empty axis', 'gives 0, not 1'),
  wasmValue('argMax', 'NaN counts as extreme', 'skips NaN'),
  wasmValue('argMin', 'NaN counts as extreme', 'skips NaN'),
  wasmValue('matMul', 'batch axes that broadcast', 'pairs the wrong matrices'),
  wasmValue('matMul', 'int32', 'float32 only'),
  wasmValue('clipByValue', 'int32, no upper bound', 'gives the bits of float32 for int32'),
  {
    ...wasmValue('matMul', 'empty contraction', 'leaves the result uncleared'),
    byChance: true,
  },
  wasmValue('reverse', 'bool', 'wrong: reverse numbers'),
  wasmValue('gather', 'batch axis', 'wrong with batchDims above 0'),
  wasmValue('oneHot', 'given values, matrix', 'wrong with dtype float32: cast the int32 result'),
  { op: 'einsum', part: 'value', reason: 'no such kernel: use matMul, mul and sum' },
  ...['half pixels, larger', 'half pixels, smaller'].map((name) =>
    slopeGap('image.resizeBilinear', name, 'ignores halfPixelCenters in the gradient'),
  ),
  slopeGap(
    'image.resizeNearestNeighbor',
    'half pixels, smaller',
    'ignores halfPixelCenters in the gradient',
  ),
  wasmValue('image.cropAndResize', 'an image that is not there', 'reads the first image for it'),
  ...['nearest', 'bilinear'].flatMap((interpolation) =>
    ['reflect', 'reflect, far outside'].map((fill) =>
      wasmValue('image.transform', `${interpolation}, ${fill}`, 'wrong with fillMode reflect'),
    ),
  ),
  ...['one fill value', 'a fill value for each channel'].map((name) =>
    wasmValue('image.rotateWithOffset', name, 'rotates and fills differently'),
  ),
  { op: 'gather', part: 'gradient', reason: 'no UnsortedSegmentSum: use a one-hot matMul' },
  { op: 'unsortedSegmentSum', part: 'value', reason: 'no such kernel: use a one-hot matMul' },
  { op: 'unsortedSegmentSum', part: 'gradient', reason: 'no such kernel: use a one-hot matMul' },
];

/** A gradient that is missing cannot be checked by finite differences either. */
export function gapOf(
  gaps: readonly Gap[],
  { op, name }: { readonly op: string; readonly name: string },
  part: Part,
): Gap | undefined {
  return gaps.find(
    (gap) =>
      gap.op === op &&
      (gap.name ?? name) === name &&
      (gap.part === part || (gap.part === 'gradient' && part === 'finite differences')),
  );
}
