/** Errors of generated and listed rows of puzzles. */
import { EddyError } from '@eddy/tensor/errors';

export function csvRowInvalid(facts: {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'CSV_ROW_INVALID',
    message: 'a row of the data file is malformed',
    at: `${facts.file}:${facts.line}`,
    expected: facts.expected,
    received: facts.received,
    fix: 'mend or delete this row; nothing was built',
  });
}

export function generatorExhausted(facts: {
  readonly split: string;
  readonly found: number;
  readonly wanted: number;
  readonly candidates: number;
}): EddyError {
  return new EddyError({
    code: 'GENERATOR_EXHAUSTED',
    message: `no further puzzle like that turned up for the split "${facts.split}"`,
    expected: `${facts.wanted} different puzzles`,
    received: `${facts.found}, then ${facts.candidates} candidates in a row that were refused`,
    fix: 'ask for fewer puzzles, a wider range of clues or a lower minDifficulty',
  });
}

export function csvHeaderInvalid(file: string, received: string): EddyError {
  return new EddyError({
    code: 'CSV_HEADER_INVALID',
    message: 'the first line of the data file does not name its columns',
    at: `${file}:1`,
    expected:
      'a column question (or puzzle, quizzes) and a column answer (or solution, solutions); rating may be missing',
    received,
    fix: 'write a first line like question,answer or source,question,answer,rating, as text in UTF-8',
  });
}

export function ratingsMissing(minDifficulty: number): EddyError {
  return new EddyError({
    code: 'RATING_MISSING',
    message: 'minDifficulty is set, and a puzzle of the source has no rating',
    at: 'build.dataset.minDifficulty',
    expected: `a rating of each puzzle, to compare with ${minDifficulty}`,
    received: 'none',
    fix: 'remove minDifficulty, or add a column rating to the file',
    exitCode: 2,
  });
}
