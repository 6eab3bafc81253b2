/** The test pairs of the original tasks, found in a split that also has versions of them. */
import type { EvaluationStart } from '@eddy/core';
import { cropGrid, parseArcVersionName, type ArcPair } from '@eddy/puzzles';

import { versionNameInvalid } from './errors.ts';

/** Task → its test pairs, in the order of the split. @throws NOT_ARC */
export function testPairsOf({
  examples: versioned,
  identifiers,
  dataset,
}: Pick<EvaluationStart, 'examples' | 'identifiers' | 'dataset'>): Map<string, ArcPair[]> {
  const { puzzleIndices, groupIndices } = versioned.split;
  const canvas = dataset.grid.rows;
  const tasks = new Map<string, ArcPair[]>();
  for (let group = 0; group < groupIndices.length - 1; group++) {
    for (let puzzle = groupIndices[group]!; puzzle < groupIndices[group + 1]!; puzzle++) {
      const { task, transform } = versionOf(identifiers[versioned.identifier(puzzle, 0)]);
      if (transform !== undefined) continue;
      const pairs = tasks.get(task) ?? [];
      for (let example = puzzleIndices[puzzle]!; example < puzzleIndices[puzzle + 1]!; example++) {
        const { input, label } = versioned.example({ example, puzzle, group, version: 0 });
        pairs.push({ input: cropGrid(input, canvas), output: cropGrid(label, canvas) });
      }
      tasks.set(task, pairs);
    }
  }
  return tasks;
}

/** Task and transform of an identifier's name. @throws NOT_ARC */
export function versionOf(
  name: string | undefined,
): NonNullable<ReturnType<typeof parseArcVersionName>> {
  const version = name === undefined ? undefined : parseArcVersionName(name);
  if (version === undefined) throw versionNameInvalid(name);
  return version;
}
