/** The split, and whose weights when they are not the training's own: `test`, `test (average)`. */
export function evaluationSet(evaluation: {
  readonly split: string;
  readonly label?: string;
}): string {
  const { split, label } = evaluation;
  return label === undefined ? split : `${split} (${label})`;
}
