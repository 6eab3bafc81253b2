/** Names and shapes of a model's own state: parameters, buffers and tables. */
import { mapTree, under } from '@eddy/tensor';
import type { TensorSpec } from '@eddy/tensor/spec';
import type { Model } from '../contracts/model.ts';

export function parameterSpecs(model: Pick<Model, 'parameters'>): Record<string, TensorSpec> {
  return mapTree(model.parameters, ({ shape }) => float32(shape));
}

/** Parameters, buffers and tables: all that evaluation needs. */
export function modelSpecs(
  model: Pick<Model, 'parameters' | 'buffers' | 'tables'>,
): Record<string, TensorSpec> {
  return {
    ...under('parameters', parameterSpecs(model)),
    ...under(
      'buffers',
      mapTree(model.buffers, ({ shape }) => float32(shape)),
    ),
    ...under('tables', tableSpecs(model)),
  };
}

function tableSpecs(model: Pick<Model, 'tables'>): Record<string, TensorSpec> {
  return mapTree(model.tables, ({ rows, dim }) => float32([rows, dim]));
}

function float32(shape: readonly number[]): TensorSpec {
  return { shape, dtype: 'float32' };
}
