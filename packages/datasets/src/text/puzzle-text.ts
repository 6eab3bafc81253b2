/** How people write the puzzles of a task, and what is wrong with an answer. */
import type { DatasetSource } from '@eddy/core';

export type PuzzleText = Required<Pick<DatasetSource, 'parse' | 'format'>> &
  Pick<DatasetSource, 'violations'>;
