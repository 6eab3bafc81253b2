/**
 * Finds test examples that are training examples in disguise: the same under the symmetries of the
 * task. Originals are compared; augmented versions of them have the same canonical form.
 */
import { setImmediate } from 'node:timers/promises';

import type { Example, ExampleSymmetries, Split } from '../contracts/dataset.ts';
import { exampleAt } from './example-at.ts';
import type { LeakageReport } from '../contracts/events.ts';

export interface Comparison {
  readonly report: Omit<LeakageReport, 'of' | 'droppedGroups'>;
  /** Groups of the training split that hold a test example. */
  readonly trainGroups: ReadonlySet<number>;
}

/** Name of the split that stage `build` holds out of the training puzzles. */
export const VALIDATION_SPLIT = 'validation';

/** Examples between two turns of the event loop. */
const EXAMPLES_A_TURN = 256;

/**
 * Compares by the cheap fingerprint, and by the canonical key where it occurs on both sides.
 *
 * @memory the fingerprints of both splits.
 */
export async function compareSplits(
  train: Split,
  test: Split,
  symmetries: ExampleSymmetries,
  signal: AbortSignal,
): Promise<Comparison> {
  const fingerprint = (example: Example) => symmetries.fingerprint?.(example) ?? '';
  const tested = new Set<string>();
  for await (const { example } of originals(test, signal)) tested.add(fingerprint(example));
  const groupsByKey = new Map<string, number[]>();
  const trained = new Set<string>();
  for await (const { example, group } of originals(train, signal)) {
    const print = fingerprint(example);
    if (!tested.has(print)) continue;
    trained.add(print);
    const key = symmetries.canonicalKey(example);
    const groups = groupsByKey.get(key);
    if (groups === undefined) groupsByKey.set(key, [group]);
    else groups.push(group);
  }
  const trainGroups = new Set<number>();
  const leakedGroups = new Set<number>();
  let [examples, leakedExamples] = [0, 0];
  for await (const { example, group } of originals(test, signal)) {
    examples += 1;
    if (!trained.has(fingerprint(example))) continue;
    const groups = groupsByKey.get(symmetries.canonicalKey(example));
    if (groups === undefined) continue;
    leakedExamples += 1;
    leakedGroups.add(group);
    for (const trainGroup of groups) trainGroups.add(trainGroup);
  }
  const report = {
    task: symmetries.task,
    examples,
    leakedExamples,
    groups: test.groupIndices.length - 1,
    leakedGroups: leakedGroups.size,
  };
  return { report, trainGroups };
}

/** "0 of 1,000 test examples occur in train under the symmetries of sudoku". */
export function leakageText(report: LeakageReport): string {
  const { task, of, examples, leakedExamples, groups, leakedGroups, droppedGroups } = report;
  const count = (value: number) => value.toLocaleString('en-US');
  const isOwn = of === 'test' || of === VALIDATION_SPLIT;
  const source = isOwn ? `${of} examples` : `test examples of ${of}`;
  const inGroups =
    groups === examples ? '' : ` (of ${count(leakedGroups)} of ${count(groups)} groups)`;
  const dropped =
    droppedGroups === 0 ? '' : `; ${count(droppedGroups)} groups were dropped from train`;
  return (
    `${count(leakedExamples)} of ${count(examples)} ${source}${inGroups} occur in train ` +
    `under the symmetries of ${task}${dropped}`
  );
}

/** The examples of the first puzzle of each group, which the others are versions of. */
export async function* originals(
  split: Split,
  signal: AbortSignal,
): AsyncGenerator<{ readonly example: Example; readonly group: number; readonly index: number }> {
  let turn = 0;
  for (let group = 0; group < split.groupIndices.length - 1; group++) {
    const puzzle = split.groupIndices[group]!;
    for (let i = split.puzzleIndices[puzzle]!; i < split.puzzleIndices[puzzle + 1]!; i++) {
      if (turn++ % EXAMPLES_A_TURN === 0) {
        await setImmediate();
        signal.throwIfAborted();
      }
      yield { example: exampleAt(split, i), group, index: i };
    }
  }
}
