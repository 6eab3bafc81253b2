/** Errors of puzzles written as text. */
import { EddyError } from '@eddy/tensor/errors';

export function puzzleInvalid(facts: {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly received: string;
  readonly fix?: string;
}): EddyError {
  return new EddyError({
    code: 'PUZZLE_INVALID',
    message: 'the text is not a puzzle of this dataset',
    at: `${facts.line}:${facts.column}`,
    expected: facts.expected,
    received: facts.received,
    fix: facts.fix ?? 'mend the text at this place',
    exitCode: 2,
  });
}
