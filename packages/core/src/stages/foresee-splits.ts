/** Finds that a stage names a split which the dataset is not going to have. */
import { nearest } from '../config/nearest.ts';
import type { ExpectedDataset } from '../contracts/foresight.ts';
import type { ConfigProblem } from '../contracts/config-problem.ts';

/** The problem of an option `split` that a training reads; none where the split is going to be there. */
export function missingSplit(
  split: string,
  { splits }: ExpectedDataset,
  path: readonly (string | number)[] = ['split'],
): ConfigProblem[] {
  const known = Object.keys(splits);
  if (known.includes(split)) return [];
  const near = nearest(split, known);
  return [
    {
      path,
      message: `the dataset will have no split "${split}"`,
      expected: known.length === 1 ? `${known[0]}, its only split` : `one of ${known.join(', ')}`,
      received: split,
      fix:
        near === undefined
          ? `write ${known.find((name) => name !== 'train') ?? known[0]}, or give the dataset a source for ${split}`
          : `did you mean ${near}?`,
    },
  ];
}

/**
 * The problem of the split that a stage measures on. A dataset that has nothing but one split can be trained on
 * without measuring: that is a warning.
 *
 * @param also  splits that the stage measures on besides
 */
export function unmeasurableSplit(
  split: string,
  dataset: ExpectedDataset,
  also: readonly string[] = [],
): ConfigProblem[] {
  const others = Object.keys(dataset.splits).filter((name) => !also.includes(name));
  const isOnlyOne = others.length === 1;
  return missingSplit(split, dataset).map((problem) =>
    isOnlyOne
      ? {
          ...problem,
          level: 'warning',
          message: `${problem.message}: ${also.length === 0 ? 'nothing will be' : `only ${also.join(', ')} is`} measured`,
        }
      : problem,
  );
}
