/** What a solver page knows of a kind of puzzle. */
import type { Misreading } from '@eddy/puzzles';
import type { GridStyle } from '@eddy/puzzles/style';

/** What can be said of a puzzle before a model has seen it. */
export interface PuzzleJudgement {
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly text: string;
  /** Tokens of the solution, where the puzzle has just one. */
  readonly solution?: Uint8Array;
}

/** What is wrong with an answer: nothing, or some sentences. */
export type Violations = readonly string[];

export interface PuzzleKind {
  readonly style: GridStyle;
  /** What a person is told to do with the grid. */
  readonly howToEdit: string;
  /** What a person may paste. */
  readonly howToPaste: string;
  /** Returns an empty puzzle, in tokens. */
  readonly blank: () => Uint8Array;
  /** Reads the puzzles of a text. */
  readonly read: (text: string) => readonly Uint8Array[] | Misreading;
  /** Draws a random puzzle; kinds that have no rule have no such puzzles. */
  readonly generate?: () => Uint8Array;
  /** Judges a puzzle; undefined where there is nothing to say. */
  readonly judgePuzzle?: (puzzle: Uint8Array) => PuzzleJudgement;
  /** Judges an answer by the rules; kinds without rules cannot. */
  readonly judgeAnswer?: (puzzle: Uint8Array, answer: Uint8Array) => Violations;
  /** True where puzzles are smaller than the grid of the model, so that a person chooses their size. */
  readonly resizable?: boolean;
}
