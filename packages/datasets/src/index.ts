/** Public names of @eddy/datasets. Its plugins are subpath exports, listed in package.json. */
export type { SudokuRow } from './sudoku/sudoku-row.ts';
export { writeReferenceFolder } from './reference-folder/write-folder.ts';
