/** Puzzles from CSV files, on this machine or on the hub. */
import { sudokuRules, type SudokuSize } from '@eddy/puzzles';

import { sha256OfFile } from '../files/data-file.ts';
import { readSudokuCsv } from './csv.ts';
import { isHeldOut } from './held-out.ts';
import type { SudokuRow, SudokuRows } from './rows.ts';

export interface DataFile {
  /** Finds the file, or fetches it. */
  locate(): string | Promise<string>;
  /** Checksum that `locate` makes sure of: with it, the content is known without the file. */
  readonly sha256?: string | undefined;
}

export interface FileOptions {
  readonly size: SudokuSize;
  readonly files: Readonly<Record<string, DataFile>>;
  /** Part of the training file's symmetry classes that becomes the test split. */
  readonly heldOut: number;
}

export function fileRows({ size, files, heldOut }: FileOptions, seed: number): SudokuRows {
  const rules = sudokuRules(size);
  const located = new Map<string, Promise<string>>();
  const locate = (split: string): Promise<string> => {
    const known = located.get(split) ?? Promise.resolve(files[split]!.locate());
    located.set(split, known);
    return known;
  };
  async function* rows(split: string, signal: AbortSignal): AsyncGenerator<SudokuRow> {
    const own = split in files;
    for await (const row of readSudokuCsv(await locate(own ? split : 'train'), rules, signal)) {
      const wanted =
        heldOut === 0 ||
        (own && split !== 'train') ||
        isHeldOut(row.givens, rules, heldOut, seed) === (split === 'test');
      if (wanted) yield row;
    }
  }
  return {
    splits: heldOut > 0 ? [...new Set([...Object.keys(files), 'test'])] : Object.keys(files),
    rows,
    async fingerprint() {
      const sums = Object.entries(files).map(
        async ([split, { sha256 }]) => sha256 ?? sha256OfFile(await locate(split)),
      );
      return (await Promise.all(sums)).join(' ');
    },
  };
}
