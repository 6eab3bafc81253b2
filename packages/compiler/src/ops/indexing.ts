/** Rows by their number. */
import { sizeOf } from '@eddy/tensor/spec';

import { attributes, defineOp, notSupported } from './define/op.ts';
import { demand } from './define/rules.ts';
import { functionType, list, tensorType } from './define/stablehlo-text.ts';
import { sameShape, type ValueSpec } from './define/value.ts';

/** Rows [R, …] and ids int32 [N] → [N, …]. An id outside the rows reads the nearest row. */
export const gatherRows = defineOp({
  operands: ['rows', 'ids'],
  attrs: attributes(),
  infer: ([rows, ids]) => {
    demandRows(rows, ids);
    return { shape: [ids.shape[0]!, ...rows.shape.slice(1)], dtype: rows.dtype };
  },
  storage: 'computed',
  elementWise: false,
  flops: () => 0,
  interpret: ({ inputs: [rows] }, [data, ids], { output }) => {
    const last = rows.shape[0]! - 1;
    return output.rearrange(data, rows, ([row, ...rest]) => [
      Math.min(Math.max(ids[row!]!, 0), last),
      ...rest,
    ]);
  },
  stablehlo: ({ inputs, outputs }, w) => {
    const [rows, ids] = inputs;
    const rest = rows.shape.slice(1);
    const offsets = list(rest.map((_, i) => i + 1));
    const dimensions =
      `#stablehlo.gather<offset_dims = ${offsets}, collapsed_slice_dims = [0], ` +
      'start_index_map = [0], index_vector_dim = 1>';
    const sizes = `slice_sizes = array<i64: ${[1, ...rest].join(', ')}>`;
    w.define(
      outputs,
      `"stablehlo.gather"(${w.name(rows)}, ${w.name(ids)}) <{dimension_numbers = ${dimensions}, ` +
        `${sizes}, indices_are_sorted = false}> : ${functionType(inputs, outputs)}`,
    );
  },
  onnx: ({ inputs: [rows] }, [x, ids], w) => {
    // Ours read the nearest row where ONNX has no meaning.
    const last = w.scalar('int32', rows.shape[0]! - 1);
    const inside = w.node('Clip', [ids, w.scalar('int32', 0), last]);
    return w.node('Gather', [x, inside], { axis: 0 });
  },
  tensorflow: ({ inputs: [rows, ids] }, b) => {
    const last = b.scalar(rows.shape[0]! - 1, 'int32');
    const below = b.elementWise('Minimum', [{ slot: b.full(ids), shape: ids.shape }, last]);
    const inside = b.elementWise('Maximum', [below, b.scalar(0, 'int32')]);
    return b.emit('GatherV2', [b.full(rows), inside.slot, b.scalar(0, 'int32').slot]);
  },
});

/** Rows [R, …], ids int32 [N], updates [N, …] → [R, …]. An id outside the rows is ignored. */
export const scatterRows = defineOp({
  operands: ['rows', 'ids', 'updates'],
  attrs: attributes<{ combine: 'replace' | 'add' }>(),
  infer: ([rows, ids, updates], { combine }) => {
    demandRows(rows, ids);
    demand(
      sameShape(updates.shape, [ids.shape[0]!, ...rows.shape.slice(1)]),
      'updates must have one row for each id',
    );
    demand(updates.dtype === rows.dtype, 'updates and rows must have one dtype');
    demand(combine === 'replace' || rows.dtype !== 'bool', 'bool cannot be added');
    return rows;
  },
  storage: 'computed',
  elementWise: false,
  flops: () => 0,
  interpret: ({ inputs: [rows], attrs: { combine } }, [data, ids, updates], { output }) => {
    const result = output.generate((i) => data[i]!);
    const rowSize = sizeOf(rows.shape.slice(1));
    ids.forEach((id, n) => {
      if (id < 0 || id >= rows.shape[0]!) return;
      for (let i = 0; i < rowSize; i++) {
        const update = updates[n * rowSize + i]!;
        const at = id * rowSize + i;
        result[at] = combine === 'add' ? output.stored(result[at]! + update) : update;
      }
    });
    return result;
  },
  stablehlo: ({ inputs, outputs, attrs: { combine } }, w) => {
    const window = list(outputs[0].shape.slice(1).map((_, i) => i + 1));
    const dimensions =
      `#stablehlo.scatter<update_window_dims = ${window}, inserted_window_dims = [0], ` +
      'scatter_dims_to_operand_dims = [0], index_vector_dim = 1>';
    const scalar = tensorType({ shape: [], dtype: outputs[0].dtype });
    const [old, update, combined] = [w.fresh(), w.fresh(), w.fresh()];
    const result = combine === 'add' ? combined : update;
    w.define(
      outputs,
      `"stablehlo.scatter"(${w.names(inputs)}) <{scatter_dimension_numbers = ` +
        `${dimensions}, indices_are_sorted = false, unique_indices = false}> ({`,
    );
    w.line(`^bb0(${old}: ${scalar}, ${update}: ${scalar}):`);
    if (combine === 'add') w.line(`${combined} = stablehlo.add ${old}, ${update} : ${scalar}`);
    w.line(`stablehlo.return ${result} : ${scalar}`);
    w.line(`}) : ${functionType(inputs, outputs)}`);
  },
  onnx: notSupported('its ScatterND has no meaning for an id outside of the rows'),
  tensorflow: ({ inputs: [rows, ids, updates], attrs: { combine } }, b) => {
    const op = combine === 'add' ? 'TensorScatterAdd' : 'TensorScatterUpdate';
    const indices = b.reshape(b.full(ids), [ids.shape[0]!, 1]);
    return b.emit(op, [b.full(rows), indices, b.full(updates)], {
      // As graphs mean it; else such an id is an error on a CPU.
      bad_indices_policy: { type: 'string', value: 'IGNORE' },
    });
  },
});

function demandRows(rows: ValueSpec, ids: ValueSpec): void {
  demand(rows.shape.length >= 1, 'rows need at least one axis');
  demand(ids.shape.length === 1 && ids.dtype === 'int32', 'ids must be int32 with one axis');
}
