/** ARC as a dataset: the original tasks, one a group; `arc-transform` makes the versions. */
import { randomStream, type DatasetSource, type PuzzleGroup } from '@eddy/core';
import { ARC_MAX_SIDE, ARC_PAD_TOKEN, ARC_VOCAB_SIZE, taskHash, type ArcPair } from '@eddy/puzzles';

import { arcTaskLeaks, arcTasksDiffer, noTaskFits, type RepeatedTask } from './errors.ts';
import { arcSymmetries } from './arc-symmetries.ts';
import { exampleOf } from './pairs.ts';
import type { TaskFiles } from './task-files.ts';
import type { ArcTask } from './tasks.ts';
import { arcText } from './text.ts';

export interface ArcSourceOptions {
  readonly subsets: readonly string[];
  /** Of those, whose test pairs are the test split. */
  readonly testSubsets: readonly string[];
  /** Side of the square that grids are drawn on. */
  readonly canvas: number;
  readonly seed: number;
}

interface Notify {
  (level: 'info' | 'warning', text: string): void;
}

/** A task with the pairs that are trained on and those that are asked. */
interface PlacedTask {
  readonly name: string;
  readonly train: readonly ArcPair[];
  readonly test: readonly ArcPair[];
}

/**
 * Demonstrations of every task are trained on; test pairs of `testSubsets` are the test split, those of
 * other subsets are trained on too.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py
 * `load_puzzles_arcagi`. Differs: tasks are sorted before they are shuffled, and a task that is in two
 * subsets is refused where one of them is tested on, else taken once.
 */
export function arcSource(
  options: ArcSourceOptions,
  files: TaskFiles,
  notify: Notify,
): DatasetSource {
  const { canvas } = options;
  const shape = {
    vocabSize: ARC_VOCAB_SIZE,
    seqLen: canvas * canvas,
    grid: { rows: canvas, cols: canvas },
    task: 'arc',
  };
  let loaded: Promise<PlacedTask[]> | undefined;
  const load = () => (loaded ??= loadTasks(options, files, notify));
  let names: readonly string[] = [];
  return {
    describe: () => shape,
    metadata: () => ({
      ...shape,
      padId: ARC_PAD_TOKEN,
      ignoreLabelId: ARC_PAD_TOKEN,
      blankIdentifierId: 0,
    }),
    splits: options.testSubsets.length > 0 ? ['train', 'test'] : ['train'],
    async *groups(split, signal) {
      const tasks = await load();
      names = ['<blank>', ...tasks.map(({ name }) => name)];
      for (const [i, task] of tasks.entries()) {
        signal.throwIfAborted();
        const pairs = split === 'train' ? task.train : task.test;
        if (pairs.length > 0) yield groupOf(i + 1, pairs, canvas);
      }
    },
    identifiers: () => names,
    symmetries: arcSymmetries,
    ...arcText(canvas),
    async fingerprint() {
      return (await Promise.all(options.subsets.map((subset) => files.fingerprint(subset)))).join(
        ' ',
      );
    },
  };
}

function groupOf(identifier: number, pairs: readonly ArcPair[], canvas: number): PuzzleGroup {
  const examples = pairs.map((pair) => exampleOf(pair, canvas));
  return { puzzles: [{ identifier, examples }] };
}

async function loadTasks(
  options: ArcSourceOptions,
  files: TaskFiles,
  notify: Notify,
): Promise<PlacedTask[]> {
  const { subsets, testSubsets, canvas, seed } = options;
  const placed: PlacedTask[] = [];
  const tooLarge = new Map<string, number>();
  const unknownOutputs = new Map<string, number>();
  const repeated = new Map<string, number>();
  const leaks: RepeatedTask[] = [];
  const seen = new Map<string, { readonly subset: string; readonly task: ArcTask }>();
  for (const subset of subsets) {
    const tasks = await files.read(subset);
    const tested = testSubsets.includes(subset);
    const random = randomStream(seed).stream('order', subset);
    for (const i of random.permutation(tasks.length)) {
      const task = tasks[i]!;
      const other = seen.get(task.name);
      if (other !== undefined) {
        const repeatedTask = { task: task.name, subsets: [other.subset, subset] as const };
        if (tested || testSubsets.includes(other.subset)) leaks.push(repeatedTask);
        else if (hashOf(task) !== hashOf(other.task)) throw arcTasksDiffer(repeatedTask);
        count(repeated, subset);
        continue;
      }
      seen.set(task.name, { subset, task });
      if (!fits(task, canvas)) {
        count(tooLarge, subset);
        continue;
      }
      if (!task.hasOutputs) count(unknownOutputs, subset);
      placed.push(
        tested
          ? task
          : // An output that nobody gave is nothing to learn.
            {
              ...task,
              train: task.hasOutputs ? [...task.train, ...task.test] : task.train,
              test: [],
            },
      );
    }
  }
  if (leaks.length > 0) throw arcTaskLeaks(leaks);
  if (placed.length === 0) throw noTaskFits(canvas, seen.size, smallestCanvas([...seen.values()]));
  const say = (counts: Map<string, number>, text: string) => {
    for (const [subset, tasks] of counts) notify('warning', `arc ${subset}: ${tasks} ${text}`);
  };
  say(tooLarge, `tasks skipped because they are larger than a canvas of ${canvas}`);
  say(repeated, 'tasks skipped because an earlier subset has them');
  say(unknownOutputs, 'tasks without solutions: accuracy on them is meaningless');
  return placed;
}

/** Side of the smallest canvas that some task fits. */
function smallestCanvas(tasks: readonly { readonly task: ArcTask }[]): number | undefined {
  const sides = tasks.map(({ task }) => sideOf(task)).filter((side) => side <= ARC_MAX_SIDE);
  return sides.length === 0 ? undefined : Math.min(...sides);
}

function fits(task: ArcTask, canvas: number): boolean {
  return sideOf(task) <= canvas;
}

/** Side of the smallest canvas that all grids of a task fit. */
function sideOf(task: ArcTask): number {
  const grids = [...task.train, ...task.test].flatMap(({ input, output }) => [input, output]);
  return Math.max(...grids.flatMap(({ rows, cols }) => [rows, cols]));
}

function hashOf(task: ArcTask): string {
  return taskHash([...task.train, ...task.test]);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
