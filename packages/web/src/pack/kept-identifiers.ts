/** Which rows of a puzzle embedding a page gets: tables of ARC have many more than a page can hold. */
import type { HostTensor, HostTree } from '@eddy/tensor/spec';

import type { NamedIdentifier } from '../model/web-model.ts';

/** Bytes of all tables in a page. */
const MAX_TABLE_BYTES = 4 << 20;
/** A list to choose from is of no use when it is longer. */
const MAX_IDENTIFIERS = 2000;

export interface KeptIdentifiers {
  /** Weights with the tables cut to the rows that are kept. */
  readonly weights: HostTree;
  /** Rows to choose from, with their numbers in the page. */
  readonly named: readonly NamedIdentifier[];
  readonly total: number;
  /** Returns the number in the page of a row, or undefined where it is left out. */
  idOf(identifier: number): number | undefined;
}

/** Keeps the blank row, the wanted ones, and of the others the first that there is room for. */
export function keptIdentifiers({
  weights,
  names,
  blank,
  wanted,
}: {
  readonly weights: HostTree;
  readonly names: readonly string[] | undefined;
  readonly blank: number;
  readonly wanted: readonly number[];
}): KeptIdentifiers {
  const tables = Object.entries(weights).filter(([name]) => name.startsWith('tables/'));
  const total = tables[0]?.[1].shape[0] ?? 0;
  if (total <= 1) {
    return { weights, named: [], total, idOf: (id) => (id < Math.max(1, total) ? id : undefined) };
  }
  const rowBytes = tables.reduce((sum, [, { shape }]) => sum + 4 * shape[1]!, 0);
  const room = Math.min(
    total,
    MAX_IDENTIFIERS,
    Math.max(1, Math.floor(MAX_TABLE_BYTES / rowBytes)),
  );
  const rows = new Set([blank, ...wanted.filter((id) => id < total)]);
  for (let id = 0; id < total && rows.size < room; id++) rows.add(id);
  const kept = [...rows].sort((a, b) => a - b);
  const places = new Map(kept.map((id, place) => [id, place]));
  return {
    weights: {
      ...weights,
      ...Object.fromEntries(tables.map(([name, table]) => [name, rowsOf(table, kept)])),
    },
    named: kept.map((id, place) => ({
      name: id === blank ? 'none (the blank one)' : (names?.[id] ?? `number ${id}`),
      id: place,
    })),
    total,
    idOf: (id) => places.get(id),
  };
}

function rowsOf(table: HostTensor, rows: readonly number[]): HostTensor {
  const width = table.shape[1]!;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set((table.data as Float32Array).subarray(row * width, (row + 1) * width), i * width);
  });
  return { shape: [rows.length, width], dtype: 'float32', data };
}
