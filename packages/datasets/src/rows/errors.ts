/** Errors of generated and listed rows of puzzles. */
import { EddyError, shellWord } from '@eddy/tensor/errors';

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
    fix: `correct line ${facts.line}, or delete it: \`sed -i ${facts.line}d ${shellWord(facts.file)}\`; nothing was built`,
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
    message: `the generator found too few puzzles for the split "${facts.split}"`,
    expected: `${facts.wanted} different puzzles`,
    received: `${facts.found}, then ${facts.candidates} candidates in a row that were refused`,
    fix:
      facts.found > 0
        ? `ask for fewer puzzles: \`build.dataset.source.generator.${facts.split}=${facts.found}\`; or for a wider range of clues or walls, or a lower minDifficulty`
        : 'ask for a wider range of clues or walls, or a lower minDifficulty',
  });
}

export function csvHeaderInvalid(file: string, received: string): EddyError {
  return new EddyError({
    code: 'CSV_HEADER_INVALID',
    message: 'the first line of the data file is not a header with the expected columns',
    at: `${file}:1`,
    expected:
      'a column question (or puzzle, quizzes) and a column answer (or solution, solutions); rating may be missing',
    received,
    fix: headerFix(file, received),
  });
}

function headerFix(file: string, received: string): string {
  if (received.includes('gzip'))
    return `unpack it: \`gunzip ${shellWord(file)}\`, and name the file that comes out`;
  if (received.includes('ZIP')) return `unpack it: unzip ${file}, and name the file in it`;
  if (received.includes('UTF-16'))
    return `write it as UTF-8: \`iconv -f UTF-16 -t UTF-8 -o ${shellWord(`${file}.csv`)} ${shellWord(file)}\`, and name ${file}.csv`;
  return 'name the columns in the first line: question,answer or source,question,answer,rating';
}

export function ratingsMissing(minDifficulty: number): EddyError {
  return new EddyError({
    code: 'RATING_MISSING',
    message: 'minDifficulty is set, but a puzzle of the source has no rating',
    at: 'build.dataset.minDifficulty',
    expected: `a rating of each puzzle, to compare with ${minDifficulty}`,
    received: 'none',
    fix: 'accept puzzles of any rating, `build.dataset.minDifficulty=null`, or add a column rating to the file',
    exitCode: 2,
  });
}
