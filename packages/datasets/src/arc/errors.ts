/** Errors of ARC tasks. */
import { EddyError } from '@eddy/tensor/errors';

export function arcTaskInvalid(facts: {
  readonly file: string;
  /** Inside the file. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'ARC_TASK_INVALID',
    message: 'a file of ARC tasks is malformed',
    at: `${facts.file} ${facts.path}`.trim(),
    expected: facts.expected,
    received: facts.received,
    fix: 'correct the file at this place, or delete the task; nothing was built',
  });
}

/** A task and the two subsets that have it. */
export interface RepeatedTask {
  readonly task: string;
  readonly subsets: readonly [string, string];
}

export function arcTaskLeaks(repeated: readonly RepeatedTask[]): EddyError {
  const [{ task, subsets }] = repeated as readonly [RepeatedTask];
  return new EddyError({
    code: 'ARC_TASK_TWICE',
    message: 'test tasks are also in another subset, so their answers would be trained on',
    at: `task ${task}${repeated.length > 1 ? ` and ${repeated.length - 1} more` : ''}`,
    expected: 'no task of a test subset in another subset',
    received: `${repeated.length} in ${subsets.join(' and ')}`,
    fix: `take ${subsets[0]} or ${subsets[1]} out of build.dataset.subsets (and of testSubsets); ARC-AGI-2 training contains most of ARC-AGI-1`,
    exitCode: 2,
  });
}

export function arcTasksDiffer({ task, subsets }: RepeatedTask): EddyError {
  return new EddyError({
    code: 'ARC_TASK_TWICE',
    message: 'two subsets have different tasks with the same name',
    at: `task ${task}`,
    expected: 'a task in one subset, or the same in both',
    received: `it is in ${subsets.join(' and ')}`,
    fix: `take ${subsets[0]} or ${subsets[1]} out of build.dataset.subsets, or rename the task in one of them`,
    exitCode: 2,
  });
}

/** @param smallest  side of the smallest canvas that some task fits; undefined where none does */
export function noTaskFits(canvas: number, tasks: number, smallest?: number): EddyError {
  return new EddyError({
    code: 'NO_TASK_FITS',
    message: 'no task is small enough for the canvas',
    expected: `a task whose grids are at most ${canvas} × ${canvas}`,
    received: `none of ${tasks} tasks`,
    fix:
      smallest === undefined
        ? 'name folders or files of ARC tasks, whose grids are at most 30 × 30'
        : `raise the canvas: \`build.dataset.canvas=${smallest}\``,
    exitCode: 2,
  });
}

export function notArc(task: string): EddyError {
  return new EddyError({
    code: 'NOT_ARC',
    message: 'arc-transform works only with ARC datasets',
    expected: 'a dataset of the task arc',
    received: `task ${task}`,
    fix: 'remove the augmentation, `~augment`, or name the one for this kind of puzzle: sudoku-shuffle or dihedral',
    exitCode: 2,
  });
}
