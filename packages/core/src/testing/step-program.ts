/** One supervision step of a model as a program without state: everything goes in and comes out. */
import { gather, keep, valueAndGrads, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

import { type Program, type TensorTree, recomputing, mapTree, under, within } from '@eddy/tensor';
import type { Batch, Model, StepResult } from '../contracts/model.ts';
import type { SpecTree } from '@eddy/tensor/spec';

export interface StepProgramOptions {
  readonly batchSize: number;
  readonly seqLen: number;
  /** In training the outputs include gradients. */
  readonly training: boolean;
  /** Pieces marked `recomputable` are computed again for their gradients. */
  readonly recompute?: boolean;
  /** In evaluation: rows without labels count in losses, as in the reference. */
  readonly countsPadding?: boolean;
}

/**
 * Inputs: `parameters/…`, `buffers/…`, `tables/…`, `carry/…`, `batch/…`, `noise/…`.
 * Outputs: `loss`, `metrics/…`, `outputs/…`, `carry/…`, `rows/…` and, in training, `gradients/…` and
 * `rowGradients/…` of the loss as it is, summed over the batch.
 */
export function stepProgram(model: Model, options: StepProgramOptions): Program {
  const { batchSize, seqLen, training, recompute = false, countsPadding = false } = options;
  const weights = (tree: Model['parameters']): SpecTree =>
    mapTree(tree, ({ shape }) => ({ shape, dtype: 'float32' }));
  const tables = mapTree(model.tables, ({ rows, dim }) => ({
    shape: [rows, dim],
    dtype: 'float32',
  }));
  const tokens = { shape: [batchSize, seqLen], dtype: 'int32' } as const;
  return {
    name: training ? 'supervision-step' : 'evaluation-step',
    state: {},
    inputs: {
      ...under('parameters', weights(model.parameters)),
      ...under('buffers', weights(model.buffers)),
      ...under('tables', tables as SpecTree),
      ...under('carry', model.carry(batchSize)),
      'batch/inputs': tokens,
      'batch/labels': tokens,
      'batch/puzzleIdentifiers': { shape: [batchSize], dtype: 'int32' },
      ...under('noise', model.noiseSpecs(batchSize)),
    },
    run: (_state, inputs) => {
      const run = () => runStep(model, inputs, { training, countsPadding });
      return { state: {}, outputs: recompute ? recomputing(run) : run() };
    },
  };
}

function runStep(
  model: Model,
  inputs: TensorTree,
  { training, countsPadding }: { readonly training: boolean; readonly countsPadding: boolean },
): TensorTree {
  const parameters = within('parameters', inputs);
  const buffers = within('buffers', inputs);
  const tables = within('tables', inputs);
  const noise = within('noise', inputs);
  const batch = within('batch', inputs) as unknown as Batch;
  const carry = model.admit(within('carry', inputs), batch, buffers);
  const rows = mapTree(model.rowIds(carry), (ids, table) =>
    gather(tables[table]!, ids as Tensor1D),
  );
  const step = (leaves: { parameters: TensorTree; rows: TensorTree }) =>
    model.step({ ...leaves, buffers, carry, noise, training, countsPadding });
  const { result, gradients, rowGradients } = training
    ? differentiate(step, parameters, rows)
    : { result: step({ parameters, rows }), gradients: {}, rowGradients: {} };
  return {
    loss: result.loss,
    ...under('metrics', result.metrics),
    ...under('outputs', result.outputs),
    ...under('carry', result.carry),
    ...under('rows', rows),
    ...under('gradients', gradients),
    ...under('rowGradients', rowGradients),
  };
}

function differentiate(
  step: (leaves: { parameters: TensorTree; rows: TensorTree }) => StepResult,
  parameters: TensorTree,
  rows: TensorTree,
): { result: StepResult; gradients: TensorTree; rowGradients: TensorTree } {
  const names = Object.keys(parameters);
  const tables = Object.keys(rows);
  const named = (keys: readonly string[], tensors: readonly Tensor[]): TensorTree =>
    Object.fromEntries(keys.map((key, i) => [key, tensors[i]!]));
  let result!: StepResult;
  const { grads } = valueAndGrads((...leaves: Tensor[]) => {
    result = step({
      parameters: named(names, leaves),
      rows: named(tables, leaves.slice(names.length)),
    });
    // The tape's scope frees what this function doesn't return.
    for (const tree of [{ loss: result.loss }, result.metrics, result.outputs, result.carry]) {
      Object.values(tree).forEach((tensor) => keep(tensor));
    }
    return result.loss;
  })([...Object.values(parameters), ...Object.values(rows)]);
  return {
    result,
    gradients: named(names, grads),
    rowGradients: named(tables, grads.slice(names.length)),
  };
}
