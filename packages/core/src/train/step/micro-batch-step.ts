/**
 * A training step over micro-batches: `accumulate` once a micro-batch, then `apply`. The sum of their
 * gradients is the gradient of the whole batch, because each loss is a sum over rows and is divided
 * by the global batch size. Several devices each accumulate what their own rows give: they exchange
 * something once a step, in `apply`.
 */
import { add, concat, zerosLike, type Tensor1D } from '@tensorflow/tfjs-core';

import { type Program, type Share, type TensorTree, mapTree, under, within } from '@eddy/tensor';
import { trainedTables } from './frozen.ts';
import { packReport } from './metrics.ts';
import {
  accumulatorSpecs,
  carryFolders,
  numMicroBatches,
  rowIdSpecs,
  rowSpecs,
  weightSpecs,
} from './state.ts';
import { modelSpecs } from '../../model/model-specs.ts';
import type { BatchSizes, TrainingParts } from './parts.ts';
import { stepGuard } from './step-guard.ts';
import {
  applyGradients,
  batchInputSpecs,
  batchAxes,
  differentiate,
  overDevices,
  REPORT,
  scalarSpecs,
} from './train-step.ts';

/** State that each micro-batch has of its own; `RunOptions.bind` says which. */
export const PER_MICRO_BATCH = ['carry', 'rows', 'rowIds'];

/** Adds a micro-batch's gradients and sums; leaves its row gradients and their ids beside them. */
export function accumulateProgram(parts: TrainingParts, sizes: BatchSizes): Program {
  const { model } = parts;
  const { microBatchSize } = sizes;
  return {
    name: 'train-accumulate',
    state: {
      ...modelSpecs(model),
      ...accumulatorSpecs(parts),
      ...under('carry', model.carry(microBatchSize)),
      ...under('rows', rowSpecs(parts, microBatchSize)),
      ...under('rowIds', rowIdSpecs(parts, microBatchSize)),
    },
    inputs: batchInputSpecs(model, sizes),
    sharing: {
      state: {
        ...under('carry', model.carryBatchAxis),
        ...accumulatorShares(parts),
        ...rowShares(parts, 'rows'),
        ...rowShares(parts, 'rowIds'),
      },
      inputs: batchAxes(model, sizes),
    },
    run(state, inputs) {
      const batch = differentiate({ parts, state, inputs, sizes });
      const gradients = mapTree(batch.gradients, (gradient, name) =>
        add(state[`gradients/${name}`]!, gradient),
      );
      return {
        state: {
          ...under('gradients', gradients),
          sums: add(state['sums']!, batch.sums),
          ...under('carry', batch.carry),
          ...under('rows', batch.rows),
          ...under('rowIds', batch.rowIds),
        },
        outputs: {},
      };
    },
  };
}

/** Updates the state from what the micro-batches left, and empties the accumulators. */
export function applyProgram(parts: TrainingParts, sizes: BatchSizes): Program {
  const { model } = parts;
  const indices = Array.from({ length: numMicroBatches(sizes) }, (_, i) => i);
  // The accumulate programs can't know of their step whether it is skipped.
  const guarded = parts.nonFinite === 'skip' ? carryFolders(sizes) : [];
  const carries = guarded.map((folder) => under(folder, model.carry(sizes.microBatchSize)));
  const carryAxes = guarded.map((folder) => under(folder, model.carryBatchAxis));
  const rowState = indices.map((i) => ({
    ...under(`rows.${i}`, rowSpecs(parts, sizes.microBatchSize)),
    ...under(`rowIds.${i}`, rowIdSpecs(parts, sizes.microBatchSize)),
  }));
  return {
    name: 'train-apply',
    state: Object.assign(
      { ...weightSpecs(parts), ...accumulatorSpecs(parts) },
      ...rowState,
      ...carries,
    ) as Program['state'],
    inputs: scalarSpecs(parts),
    sharing: {
      state: Object.assign(
        accumulatorShares(parts),
        ...indices.flatMap((i) => [rowShares(parts, `rows.${i}`), rowShares(parts, `rowIds.${i}`)]),
        ...carryAxes,
      ) as Record<string, Share>,
      rows: sizes.microBatchSize,
    },
    run(state, inputs) {
      const joined = (folder: string): TensorTree =>
        mapTree(trainedTables(parts), (_, table) =>
          concat(
            indices.map((i) => state[`${folder}.${i}/${table}`]!),
            0,
          ),
        );
      const own = {
        gradients: within('gradients', state),
        rows: joined('rows'),
        rowIds: joined('rowIds'),
        sums: state['sums'] as Tensor1D,
      };
      const batch = overDevices(own);
      const guard = stepGuard(parts, batch);
      const updated = applyGradients(parts, { state, inputs, guard, ...batch });
      const carried = guarded.map((folder) => under(folder, guard.carry(within(folder, state))));
      return {
        state: {
          ...updated.state,
          ...(Object.assign({}, ...carried) as TensorTree),
          ...under('gradients', mapTree(own.gradients, zerosLike)),
          sums: zerosLike(own.sums),
        },
        outputs: { [REPORT]: packReport(batch.sums, batch.gradients, batch.rows) },
      };
    },
  };
}

/** Every device has a sum of its own. */
function accumulatorShares(parts: TrainingParts): Record<string, Share> {
  return mapTree(accumulatorSpecs(parts), () => 'sum' as const);
}

function rowShares(parts: TrainingParts, folder: string): Record<string, Share> {
  return under(
    folder,
    mapTree(trainedTables(parts), () => 0),
  );
}
