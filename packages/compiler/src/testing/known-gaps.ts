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
  /** Breaks the backend for whatever runs after it: not run. */
  readonly crashes?: true;
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

/** A gradient that is not the slope of its value. */
export const slopeGap = (op: string, name: string, reason: string): Gap => ({
  op,
  name,
  part: 'finite differences',
  reason,
});

/** What TF.js's cpu kernels compute otherwise than every other engine; see `OpCase.expected`. */
export const CPU_GAPS: readonly Gap[] = [
  ...['rows in another order', 'a list of one'].map((name): Gap => ({
    op: 'complex',
    name,
    part: 'value',
    reason: 'takes no complex numbers in gather and slice',
  })),
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
  ...[
    ['avgPool', 'same'],
    ['avgPool', 'same, no strides'],
    ['avgPool3d', 'same, strides'],
  ].map(([op, name]) =>
    slopeGap(op!, name!, 'divides the gradient by the whole window at the margins too'),
  ),
  ...['maxPool3d', 'avgPool3d'].map((op) =>
    slopeGap(op, 'same, windows apart', 'gives gradients to elements outside the windows'),
  ),
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
