/** Errors of puzzles written as text. */
import { isMisreading, type Misreading } from '@eddy/puzzles';
import { EddyError } from '@eddy/tensor/errors';

export function puzzleInvalid(facts: Misreading): EddyError {
  return new EddyError({
    code: 'PUZZLE_INVALID',
    message: 'the text is not a puzzle of this dataset',
    at: `${facts.line}:${facts.column}`,
    expected: facts.expected,
    received: facts.received,
    fix: facts.fix ?? 'correct the text at this place',
    exitCode: 2,
  });
}

/** Returns what was read. @throws PUZZLE_INVALID where a text is no puzzle */
export function readOrThrow<T extends object>(reading: T | Misreading): T {
  if (isMisreading(reading)) throw puzzleInvalid(reading);
  return reading;
}
