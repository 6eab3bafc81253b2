/** Errors of a training under way. */
import { EddyError } from '@eddy/tensor/errors';
import type { NonFiniteCounts } from './non-finite.ts';

export function nonFinite(facts: {
  step: number;
  tensor: string;
  loss: number;
  gradNorm: number;
  lastGood: string | undefined;
  counts: NonFiniteCounts;
}): EddyError {
  return new EddyError({
    code: 'NON_FINITE',
    message: `${facts.tensor} is not finite in step ${facts.step}${earlierText(facts.counts)}`,
    at: `step ${facts.step}, ${facts.tensor}`,
    expected: 'finite loss and gradients',
    received: `loss ${facts.loss}, gradient norm ${facts.gradNorm}`,
    fix: `lower the learning rate or lengthen the warm-up; ${lastGoodText(facts.lastGood)}`,
  });
}

export function stateNotFinite(facts: {
  step: number;
  tensor: string;
  lastGood: string | undefined;
}): EddyError {
  return new EddyError({
    code: 'STATE_NOT_FINITE',
    message: `${facts.tensor} is not finite after step ${facts.step}; no checkpoint was made of it`,
    at: `step ${facts.step}, ${facts.tensor}`,
    expected: 'finite values in the whole state',
    received: 'NaN or infinity',
    fix: `lower the learning rate or lengthen the warm-up; ${lastGoodText(facts.lastGood)}`,
  });
}

export function checkpointMismatch(facts: {
  path: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_MISMATCH',
    message: 'the checkpoint does not fit the model and optimizer of this run',
    at: facts.path,
    expected: facts.expected,
    received: facts.received,
    fix: 'resume with the configuration that made it, or start a new run',
    exitCode: 2,
  });
}

function earlierText({ consecutiveSkips, rollbacks }: NonFiniteCounts): string {
  if (consecutiveSkips > 0) return `, after ${consecutiveSkips} skipped steps in a row`;
  return rollbacks > 0 ? `, after ${rollbacks} rollbacks` : '';
}

function lastGoodText(path: string | undefined): string {
  return path === undefined ? 'no checkpoint was made yet' : `the last good checkpoint is ${path}`;
}
