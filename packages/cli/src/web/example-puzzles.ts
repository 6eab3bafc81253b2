/** Puzzles of a run's dataset that a page offers. */
import { openDataset } from '@eddy/core/data';
import type { Example } from '@eddy/core';

/** Puzzles of a page, each of a group of its own. */
const MAX_EXAMPLES = 12;

export interface ExamplePuzzle {
  /** `test 3`: the third group of the split. */
  readonly name: string;
  readonly example: Example;
  /** Name of its identifier; undefined for the blank one. */
  readonly identifier: string | undefined;
}

/** Returns the first puzzles of the split that is evaluated: `test`, else the last one. */
export async function examplePuzzles(folder: string): Promise<readonly ExamplePuzzle[]> {
  const dataset = await openDataset(folder);
  const { seqLen, splits, blankIdentifierId } = dataset.metadata;
  const names = Object.keys(splits);
  const name = names.includes('test') ? 'test' : names.at(-1)!;
  const split = await dataset.open(name);
  const identifiers = await dataset.identifiers();
  const count = Math.min(MAX_EXAMPLES, split.groupIndices.length - 1);
  return Array.from({ length: count }, (_, group) => {
    const puzzle = split.groupIndices[group]!;
    const start = split.puzzleIndices[puzzle]! * seqLen;
    const tokens = (from: Uint8Array) => from.slice(start, start + seqLen);
    const identifier = split.puzzleIdentifiers[puzzle]!;
    return {
      name: `${name} ${group + 1}`,
      example: { input: tokens(split.inputs), label: tokens(split.labels) },
      identifier: identifier === blankIdentifierId ? undefined : identifiers[identifier],
    };
  });
}
