/** What a model declares of its state: shapes, first values, and names in PyTorch where it has some. */
import type { ParameterSpec, ReferenceTensor, TableSpec } from '@eddy/core';

/**
 * A parameter. `reference` says where an implementation in PyTorch keeps it; a model that was never
 * written in PyTorch leaves it out everywhere, and then can't be exported as a state_dict.
 */
export interface ParameterDeclaration extends ParameterSpec {
  readonly reference?: ReferenceTensor;
}

/** A table of rows, of which each step touches those of its batch. */
export interface TableDeclaration extends TableSpec {
  readonly reference?: ReferenceTensor;
}

/** Parameters by name. Their order is that of the program's inputs. */
export type Parameters = Readonly<Record<string, ParameterDeclaration>>;

/**
 * A weight whose values are drawn from a truncated normal with standard deviation 1/√fanIn.
 *
 * @param fanIn  how many products are added up for one output; for a convolution, height × width × channels.
 * @reference models/common.py `trunc_normal_init_`
 */
export function weight(shape: readonly number[], fanIn: number): ParameterDeclaration {
  return { shape, init: { kind: 'truncated-normal', std: 1 / Math.sqrt(fanIn) } };
}

/** A parameter whose values are all `value` at first. */
export function constant(shape: readonly number[], value: number): ParameterDeclaration {
  return { shape, init: { kind: 'constant', value } };
}

/**
 * The weight of `linear`, y = x·W, [in, out]: on the side of the product where it needs no transpose.
 *
 * @param reference  name of the layer in PyTorch, which stores the transpose.
 */
export function linearWeight(
  inputs: number,
  outputs: number,
  reference?: string,
): ParameterDeclaration {
  return named(weight([inputs, outputs], inputs), reference && `${reference}.weight`, true);
}

/**
 * The weight of `linearOverRows`, y = W·x over the first axis, [out, in] as in PyTorch.
 *
 * @param reference  name of the layer in PyTorch.
 */
export function rowsWeight(
  inputs: number,
  outputs: number,
  reference?: string,
): ParameterDeclaration {
  return named(weight([outputs, inputs], inputs), reference && `${reference}.weight`, false);
}

/**
 * The table of `embed`, a vector for each row, [rows, dim].
 *
 * @param reference  name of the layer in PyTorch.
 */
export function embeddingWeight(
  rows: number,
  dim: number,
  reference?: string,
): ParameterDeclaration {
  const name = reference && `${reference}.embedding_weight`;
  return named(weight([rows, dim], dim), name, false);
}

function named(
  parameter: ParameterDeclaration,
  name: string | undefined,
  transposed: boolean,
): ParameterDeclaration {
  return name === undefined ? parameter : { ...parameter, reference: { name, transposed } };
}
