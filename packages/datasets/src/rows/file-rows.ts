/** Puzzles from CSV files, on this machine or on the hub. */
import { sha256OfFile } from '@eddy/core/files';

import { regularFile } from '../files/data-file.ts';
import { hubFile, type HubServices } from '../files/hub-file.ts';
import { isHeldOut } from './held-out.ts';
import { filtered, type RowSource, type StreamedRows } from './rows.ts';
import type { HubOptions, LocalFiles } from './source-options.ts';

/** What a kind of puzzle brings along. */
export interface RowFormat<Row> {
  read(file: string, signal: AbortSignal): StreamedRows<Row>;
  /** A row to keep while others are read. */
  copy(row: Row): Row;
  /** The same for all puzzles that symmetries map to one another. */
  symmetryClass(row: Row): string;
}

interface DataFile {
  /** Finds the file, or fetches it. */
  locate(signal?: AbortSignal): string | Promise<string>;
  /** Checksum that `locate` makes sure of: with it, the content is known without the file. */
  readonly sha256?: string | undefined;
}

export interface FileServices extends HubServices {
  readonly configFolder: string;
}

export function localRows<Row>(
  { train, test, heldOut }: LocalFiles,
  format: RowFormat<Row>,
  seed: number,
  services: FileServices,
): RowSource<Row> {
  const local = (file: string) => ({ locate: () => regularFile(file, services.configFolder) });
  const files = { train: local(train), ...(test == null ? {} : { test: local(test) }) };
  return fileRows(files, format, { part: heldOut, seed });
}

/** Rows of data sets on the hub, as their pages state them. */
const PUBLISHED_ROWS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'sapientinc/sudoku-extreme': { train: 3_831_994, test: 422_786 },
  'sapientinc/maze-30x30-hard-1k': { train: 1000, test: 1000 },
};

export function hubRows<Row>(
  { sha256: sums, ...place }: HubOptions,
  format: RowFormat<Row>,
  services: FileServices,
): RowSource<Row> {
  const fetched = (split: 'train' | 'test') => {
    const sha256 = sums[split];
    const wanted = { ...place, file: `${split}.csv`, sha256 };
    return { locate: (signal?: AbortSignal) => hubFile(wanted, services, signal), sha256 };
  };
  const files = { train: fetched('train'), test: fetched('test') };
  const counts = place.revision === 'main' ? PUBLISHED_ROWS[place.repo] : undefined;
  return { ...fileRows(files, format, { part: 0, seed: 0 }), ...(counts && { counts }) };
}

function fileRows<Row>(
  files: Readonly<Record<string, DataFile>>,
  format: RowFormat<Row>,
  /** Part of the training file's symmetry classes that becomes the test split. */
  heldOut: { readonly part: number; readonly seed: number },
): RowSource<Row> {
  const { part, seed } = heldOut;
  const located = new Map<string, Promise<string>>();
  const locate = (split: string, signal?: AbortSignal): Promise<string> => {
    const known = located.get(split) ?? Promise.resolve(files[split]!.locate(signal));
    located.set(split, known);
    return known;
  };
  async function* rows(split: string, signal: AbortSignal): AsyncGenerator<Iterable<Row>> {
    const own = split in files;
    const read = format.read(await locate(own ? split : 'train', signal), signal);
    if (part === 0 || (own && split !== 'train')) yield* read;
    else {
      const isWanted = (row: Row) =>
        isHeldOut(format.symmetryClass(row), part, seed) === (split === 'test');
      for await (const some of read) yield filtered(some, isWanted);
    }
  }
  return {
    splits: part > 0 ? [...new Set([...Object.keys(files), 'test'])] : Object.keys(files),
    rows,
    copy: (row) => format.copy(row),
    async fingerprint(signal) {
      const sums = Object.entries(files).map(
        async ([split, { sha256 }]) => sha256 ?? sha256OfFile(await locate(split, signal)),
      );
      return (await Promise.all(sums)).join(' ');
    },
  };
}
