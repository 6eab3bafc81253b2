/** Errors of ARC evaluations. */
import { EddyError } from '@eddy/tensor/errors';

export function notArc(evaluator: string, task: string): EddyError {
  return new EddyError({
    code: 'NOT_ARC',
    message: `${evaluator} can only judge ARC`,
    expected: 'a dataset of the task arc',
    received: `task ${task}`,
    fix: `remove ${evaluator} from evaluate.evaluators`,
    exitCode: 2,
  });
}

export function versionNameInvalid(name: string | undefined): EddyError {
  return new EddyError({
    code: 'NOT_ARC',
    message: 'a puzzle identifier does not name a task or a version of one',
    expected: '<task> or <task>|||t<0–7>|||<new colours of 0…9>',
    received: name ?? 'no name',
    fix: 'build the dataset with arc and arc-transform, or remove arc-voting from evaluate.evaluators',
    exitCode: 2,
  });
}

export function votesDamaged(file: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'VOTES_DAMAGED',
    message: 'the votes of an earlier checkpoint cannot be read',
    at: file,
    expected: 'a file that arc-voting has written (eddy-arc-votes/1)',
    received: cause instanceof Error ? cause.message : 'another file',
    fix: 'delete it; then the votes of that checkpoint are not counted',
    cause,
  });
}
