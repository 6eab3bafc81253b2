/** The split, and whose weights where that must be said: `test`, `test (average)`. */
export function evaluationSet(evaluation: {
  readonly split: string;
  readonly label?: string;
}): string {
  const { split, label } = evaluation;
  return label === undefined ? split : `${split} (${label})`;
}

/** The curves of a training: `train`, or `train (finetune)` where the pipeline has several. */
export function trainingSet({ label }: { readonly label?: string }): string {
  return evaluationSet({ split: 'train', ...(label === undefined ? {} : { label }) });
}
