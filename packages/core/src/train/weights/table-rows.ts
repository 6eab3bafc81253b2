/** Rows of a loaded table for the identifiers of another dataset. */
import { zeros, type HostTensor } from '@eddy/tensor/spec';

/**
 * Whose row an identifier takes.
 *
 * - `by-name`: that of the same name; where names are unknown, the same index in tables of one size,
 *   else the mean row
 * - `by-index`: that of the same index; sizes must agree
 * - `mean`: the mean row for all, as the reference does when sizes differ
 * - `reset`: its first value in this run
 */
export type RowPolicy = 'by-name' | 'by-index' | 'mean' | 'reset';

export interface Rows {
  /** [N, D] */
  readonly table: HostTensor;
  /** Names of the N rows, where they are known. */
  readonly names: readonly string[] | undefined;
}

export interface MappedRows {
  readonly table: HostTensor;
  /** Rows that were taken over; the others are new. */
  readonly taken: number;
}

/**
 * A table for `target.names` from the rows of `source`.
 *
 * @param target  the table with its first values
 * @param unseen  what an identifier gets that the source does not know
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 pretrain.py `load_checkpoint`
 */
export function mapRows(
  source: Rows,
  target: Rows,
  policy: RowPolicy,
  unseen: 'mean' | 'reset',
): MappedRows {
  const [count, dim] = target.table.shape as [number, number];
  if (policy === 'reset') return { table: target.table, taken: 0 };
  const sourceCount = source.table.shape[0]!;
  const { names } = source;
  const byName = policy === 'by-name' && names !== undefined && target.names !== undefined;
  if (!byName && policy !== 'mean' && sourceCount === count) {
    return { table: source.table, taken: count };
  }
  const table: HostTensor =
    byName && unseen === 'reset' ? target.table : filled([count, dim], meanRow(source.table));
  if (!byName) return { table, taken: 0 };
  const indexOf = new Map(names.map((name, index) => [name, index]));
  let taken = 0;
  for (const [row, name] of target.names.entries()) {
    const index = indexOf.get(name);
    if (index === undefined) continue;
    table.data.set(source.table.data.subarray(index * dim, (index + 1) * dim), row * dim);
    taken += 1;
  }
  return { table, taken };
}

/** Summed in float64: a million rows in float32 would lose the small ones. */
function meanRow({ data, shape }: HostTensor): Float32Array {
  const [count, dim] = shape as [number, number];
  const sums = new Float64Array(dim);
  for (let i = 0, column = 0; i < data.length; i++) {
    sums[column]! += data[i]!;
    column = column + 1 === dim ? 0 : column + 1;
  }
  return Float32Array.from(sums, (sum) => sum / count);
}

function filled(shape: readonly number[], row: Float32Array): HostTensor {
  const table = zeros({ shape, dtype: 'float32' });
  for (let start = 0; start < table.data.length; start += row.length) table.data.set(row, start);
  return table;
}
