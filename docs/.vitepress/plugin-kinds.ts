/** Kinds of plugins in the order of a pipeline. */
export const KINDS: readonly string[] = [
  'stage',
  'dataset',
  'augmentation',
  'model',
  'optimizer',
  'row-optimizer',
  'averager',
  'evaluator',
  'logger',
  'engine',
];
