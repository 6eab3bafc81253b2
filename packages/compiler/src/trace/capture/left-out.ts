/** The kernels of TF.js that are not traced, each with the reason and with what works in its place. */

/** What a program does instead of calling the kernel; every field names something that exists. */
export interface Instead {
  /** Functions of TF.js that are traced, as they are written after `tf.`. */
  readonly operations?: readonly string[];
  /** An engine that has the kernel. */
  readonly engine?: 'cpu';
  /** A sentence for what is done outside of the program, or how the operations are put together. */
  readonly how?: string;
}

export interface LeftOut {
  readonly because: string;
  readonly instead: Instead;
}

const shapeFromValues = (result: string): LeftOut => ({
  because: `${result} has a shape that depends on values, but shapes must be known before a program runs`,
  instead: { engine: 'cpu' },
});

const strings: LeftOut = {
  because: 'it works on strings, which compiled programs do not have',
  instead: { how: 'prepare strings on the host and give the program numbers' },
};

const picture = (how: string): LeftOut => ({
  because: 'it needs a browser',
  instead: { how },
});

const onlyAName = (...operations: string[]): LeftOut => ({
  because: 'TF.js has no kernel of this name: the operation is composed of others',
  instead: { operations },
});

const segments = (how: string): LeftOut => ({
  because:
    'the last segment id determines the number of rows, but shapes must be known before a program runs',
  instead: { operations: ['unsortedSegmentSum', 'gather'], how },
});

export const LEFT_OUT: Readonly<Record<string, LeftOut>> = {
  Draw: picture('return the tensor as an output and draw it on the host'),
  FromPixels: picture('decode images on the host and give the program their pixels'),
  LowerBound: onlyAName('lowerBound', 'searchSorted'),
  MatrixBandPart: onlyAName('linalg.bandPart'),
  Multinomial: {
    because: 'it draws random numbers, which a compiled program would repeat in every step',
    instead: {
      operations: ['argMax', 'log', 'neg', 'sub'],
      how: 'give the program uniform numbers u as an input: argMax(logits − log(−log u)) draws a class',
    },
  },
  NonMaxSuppressionV3: shapeFromValues('the list of boxes that are kept'),
  NonMaxSuppressionV4: shapeFromValues('the list of boxes that are kept'),
  NonMaxSuppressionV5: shapeFromValues('the list of boxes that are kept'),
  Pool: onlyAName('pool', 'maxPool', 'avgPool'),
  RaggedGather: shapeFromValues('a ragged tensor'),
  RaggedRange: shapeFromValues('a ragged tensor'),
  RaggedTensorToTensor: shapeFromValues('the dense form of a ragged tensor'),
  SparseFillEmptyRows: shapeFromValues('the list of rows that are filled'),
  SparseSegmentMean: segments('divide by the sums of ones'),
  SparseSegmentSum: segments('sum the gathered rows with the number of segments given'),
  StaticRegexReplace: strings,
  StringNGrams: strings,
  StringSplit: strings,
  StringToHashBucketFast: strings,
  Unique: shapeFromValues('the list of values without repetitions'),
  UpperBound: onlyAName('upperBound', 'searchSorted'),
};

/** What to do about a kernel that is not traced, as the `fix` of an error. */
export function adviceFor(kernelName: string): string {
  const leftOut = LEFT_OUT[kernelName];
  if (leftOut === undefined) {
    return 'write it with operations that docs/compatibility.md lists';
  }
  const { operations, engine, how } = leftOut.instead;
  const parts = [
    ...(operations === undefined ? [] : [`use ${operations.map((op) => `tf.${op}`).join(', ')}`]),
    ...(engine === undefined ? [] : [`use engine ${engine}, which has this kernel`]),
    ...(how === undefined ? [] : [how]),
  ];
  return parts.join(': ');
}
