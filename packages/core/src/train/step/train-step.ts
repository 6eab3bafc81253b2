/**
 * The whole training step as one program: admit rows, forward, backward, row optimizer, optimizer,
 * average, metrics. Nothing but the batch and a few scalars goes in; nothing but a small vector of
 * metrics comes out.
 */
import { engine, keep, mul, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

import {
  type Program,
  type ProgramResult,
  type TensorTree,
  gatherOverDevices,
  sumOverDevices,
  recomputing,
  mapTree,
  under,
  within,
} from '@eddy/tensor';
import type { Batch, Model } from '../../contracts/model.ts';
import type { Scheduled } from '../../contracts/optimizer.ts';
import type { SpecTree } from '@eddy/tensor/spec';
import { parameterUnused } from './errors.ts';
import { trainedParameters, trainedTables } from './frozen.ts';
import { packReport, packSums } from './metrics.ts';
import { gatherRows, updateRows } from './rows.ts';
import { weightSpecs } from './state.ts';
import type { BatchSizes, TrainingParts } from './parts.ts';
import { stepGuard, type StepGuard } from './step-guard.ts';

/** Name of the output that `unpackReport` reads. */
export const REPORT = 'report';

/** A step over the global batch in one call. */
export function wholeStepProgram(parts: TrainingParts, sizes: BatchSizes): Program {
  const { model } = parts;
  const { globalBatchSize } = sizes;
  return {
    name: 'train-step',
    state: { ...weightSpecs(parts), ...under('carry', model.carry(globalBatchSize)) },
    inputs: { ...batchInputSpecs(model, sizes), ...scalarSpecs(parts) },
    sharing: { state: under('carry', model.carryBatchAxis), inputs: batchAxes(model, sizes) },
    run(state, inputs) {
      const { carry, ...own } = differentiate({ parts, state, inputs, sizes });
      const batch = overDevices(own);
      const guard = stepGuard(parts, batch);
      const updated = applyGradients(parts, { state, inputs, guard, ...batch });
      return {
        state: { ...updated.state, ...under('carry', guard.carry(carry)) },
        outputs: { [REPORT]: packReport(batch.sums, batch.gradients, batch.rows) },
      };
    },
  };
}

/** What an update is made from: of one device's rows, or of all. */
export interface BatchGradients {
  /** d(loss / globalBatchSize) / d(parameter), of what is not frozen. */
  readonly gradients: TensorTree;
  /** The same for the gathered rows of each table. */
  readonly rows: TensorTree;
  readonly rowIds: TensorTree;
  readonly sums: Tensor1D;
}

export interface Differentiated extends BatchGradients {
  readonly carry: TensorTree;
}

/** Of all rows, from what each device has of its own: all that a training step exchanges. */
export function overDevices({ gradients, rows, rowIds, sums }: BatchGradients): BatchGradients {
  return {
    gradients: mapTree(gradients, sumOverDevices),
    rows: mapTree(rows, gatherOverDevices),
    rowIds: mapTree(rowIds, gatherOverDevices),
    sums: sumOverDevices(sums),
  };
}

/** Admits the batch and differentiates one supervision step; on several devices each its own rows. */
export function differentiate(args: {
  readonly parts: TrainingParts;
  readonly state: TensorTree;
  readonly inputs: TensorTree;
  readonly sizes: BatchSizes;
}): Differentiated {
  const { parts, state, inputs, sizes } = args;
  const { model } = parts;
  const parameters = within('parameters', state);
  const buffers = within('buffers', state);
  const carry = model.admit(within('carry', state), batchOf(inputs), buffers);
  const rowIds = model.rowIds(carry);
  const rows = gatherTables(state, rowIds);
  const noise = within('noise', inputs);

  let sums!: Tensor1D;
  let nextCarry!: TensorTree;
  const trained = pick(parameters, trainedParameters(parts));
  const trainedRows = pick(rows, trainedTables(parts));
  const names = [...Object.keys(trained), ...Object.keys(trainedRows)];
  const backward = () =>
    engine().gradients(
      () => {
        const result = model.step({ parameters, buffers, rows, carry, noise, training: true });
        // The tape's scope frees what it does not return; these are still needed after it.
        sums = keep(packSums(model, result));
        nextCarry = mapTree(result.carry, (tensor) => keep(tensor.clone()));
        return mul(result.loss, 1 / sizes.globalBatchSize);
      },
      [...Object.values(trained), ...Object.values(trainedRows)],
      undefined,
      true,
    );
  const { grads } = sizes.recompute === true ? recomputing(backward) : backward();
  const unused = names.filter((_, i) => (grads[i] as Tensor | null | undefined) == null);
  if (unused.length > 0) throw parameterUnused(unused);

  const numParameters = Object.keys(trained).length;
  return {
    gradients: treeOf(Object.keys(trained), grads.slice(0, numParameters)),
    rows: treeOf(Object.keys(trainedRows), grads.slice(numParameters)),
    rowIds: pick(rowIds, trainedRows),
    carry: mapTree(nextCarry, release),
    sums: release(sums),
  };
}

/** Updates tables, parameters and average; both kinds of step end with this. */
export function applyGradients(
  parts: TrainingParts,
  args: Omit<BatchGradients, 'sums'> & {
    readonly state: TensorTree;
    readonly inputs: TensorTree;
    readonly guard: StepGuard;
  },
): ProgramResult {
  const { optimizer, rowOptimizer, averager } = parts;
  const { state, inputs, guard } = args;
  const updated: TensorTree = {};

  const rowScalars = within('rowOptimizer', inputs) as Record<string, Scalar>;
  for (const [name, gradient] of Object.entries(args.rows)) {
    updated[`tables/${name}`] = updateRows({
      table: state[`tables/${name}`]!,
      ids: args.rowIds[name]!,
      gradient,
      // Guarded row by row: a choice between whole tables would read and write all of them.
      rule: (rows, sums) =>
        guard.update(rowOptimizer!.update({ rows, gradient: sums, scalars: rowScalars }), rows),
    });
  }

  const scalars = within('optimizer', inputs) as Record<string, Scalar>;
  for (const [name, gradient] of Object.entries(args.gradients)) {
    const parameter = state[`parameters/${name}`]!;
    const slotNames = Object.keys(optimizer.slots({ shape: parameter.shape, dtype: 'float32' }));
    const slots = treeOf(
      slotNames,
      slotNames.map((slot) => state[`slots/${slot}/${name}`]!),
    );
    const result = optimizer.update({ parameter, gradient, slots, scalars });
    updated[`parameters/${name}`] = guard.update(result.parameter, parameter);
    for (const slot of slotNames) {
      updated[`slots/${slot}/${name}`] = guard.update(result.slots[slot]!, slots[slot]!);
    }
    if (averager !== undefined) {
      const average = state[`average/${name}`]!;
      const next = averager.update(average, result.parameter);
      updated[`average/${name}`] = guard.update(next, average);
    }
  }
  return { state: updated, outputs: {} };
}

/** The rows of every table that `rowIds` asks for. */
export function gatherTables(state: TensorTree, rowIds: TensorTree): TensorTree {
  return mapTree(rowIds, (ids, table) => gatherRows(state[`tables/${table}`]!, ids));
}

export function batchOf(inputs: TensorTree): Batch {
  return {
    inputs: inputs['batch/inputs']!,
    labels: inputs['batch/labels']!,
    puzzleIdentifiers: inputs['batch/puzzleIdentifiers']!,
  };
}

/** Inputs that come with a batch in training. */
export function batchInputSpecs(model: Model, sizes: BatchSizes): SpecTree {
  const batchSize = sizes.microBatchSize;
  return {
    ...batchSpecs(batchSize, sizes.seqLen),
    ...under('noise', model.noiseSpecs(batchSize)),
  };
}

/** Axis of the rows of each input that comes with a batch. */
export function batchAxes(model: Model, sizes: BatchSizes): Record<string, number> {
  return mapTree(batchInputSpecs(model, sizes), () => 0);
}

export function batchSpecs(batchSize: number, seqLen: number): SpecTree {
  const rows = { shape: [batchSize, seqLen], dtype: 'int32' } as const;
  return {
    'batch/inputs': rows,
    'batch/labels': rows,
    'batch/puzzleIdentifiers': { shape: [batchSize], dtype: 'int32' },
  };
}

/** Learning rates and the like, one scalar each. */
export function scalarSpecs(parts: TrainingParts): SpecTree {
  const specs = (scheduled: Scheduled | undefined) =>
    Object.fromEntries(
      (scheduled?.scalarNames ?? []).map((name) => [
        name,
        { shape: [], dtype: 'float32' } as const,
      ]),
    );
  return {
    ...under('optimizer', specs(parts.optimizer)),
    ...under('rowOptimizer', specs(parts.rowOptimizer)),
  };
}

/** Ends a `keep`: the value moves into the current scope. */
function release<T extends Tensor>(kept: T): T {
  const scoped = kept.clone();
  kept.dispose();
  return scoped;
}

/** The tensors whose names `chosen` has. */
function pick(tree: TensorTree, chosen: Readonly<Record<string, unknown>>): TensorTree {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => name in chosen));
}

function treeOf(names: readonly string[], tensors: readonly Tensor[]): TensorTree {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}
