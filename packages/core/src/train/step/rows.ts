/** Reading and updating the rows of a table that a batch touches, in the graph. */
import {
  argMax,
  cast,
  equal,
  expandDims,
  gather,
  matMul,
  tensorScatterUpdate,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';

/**
 * Updates the rows `ids` of a table and leaves the others untouched.
 *
 *   G_i = Σ_j [id_j = id_i] · g_j;  table[id_i] ← rule(table[id_i], G_i)
 *
 * @param table  [N, D]
 * @param ids  int32 [B]; may repeat
 * @param gradient  [B, D], one row per id
 * @param rule  from the rows [B, D] and their summed gradients [B, D] to the new rows
 * @returns the new table [N, D]
 */
export function updateRows(args: {
  readonly table: Tensor;
  readonly ids: Tensor;
  readonly gradient: Tensor;
  readonly rule: (rows: Tensor, gradient: Tensor) => Tensor;
}): Tensor {
  const { table, ids } = args;
  const same = cast(equal(expandDims(ids, 1), expandDims(ids, 0)), 'float32');
  const sums = matMul(same, args.gradient);
  // Equal ids write the same place: every one of them takes the sum of the first, so that the order
  // of writing and the rounding of single rows of the product can't matter.
  const first = argMax(same, 1);
  const updated = args.rule(gatherRows(table, ids), gather(sums, first as Tensor1D));
  return tensorScatterUpdate(table, expandDims(ids, 1), updated);
}

/** Rows `ids` (int32 [B]) of a table [N, D] as [B, D]. */
export function gatherRows(table: Tensor, ids: Tensor): Tensor {
  return gather(table, ids as Tensor1D);
}
