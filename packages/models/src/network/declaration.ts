/** What a model declares of its state: shapes, first values, and where the reference keeps them. */
import type { ParameterSpec, ReferenceTensor } from '@eddy/core';

export interface Declaration extends ParameterSpec {
  /** As a part of the network knows it; the whole model's name goes before it. */
  readonly reference: ReferenceTensor;
}

/** By our name, in the order of the program's inputs. */
export type Declarations = Readonly<Record<string, Declaration>>;

/** W of y = x·W, [in, out]: on the side of the product where it needs no transpose. */
export function linearWeight(inputs: number, outputs: number, reference: string): Declaration {
  return weight([inputs, outputs], inputs, { name: `${reference}.weight`, transposed: true });
}

/** W of y = W·x over the first axis, [out, in] as PyTorch's. */
export function rowsWeight(inputs: number, outputs: number, reference: string): Declaration {
  return weight([outputs, inputs], inputs, { name: `${reference}.weight`, transposed: false });
}

/** A vector for each row, [rows, dim]. */
export function embeddingWeight(rows: number, dim: number, reference: string): Declaration {
  const name = `${reference}.embedding_weight`;
  return weight([rows, dim], dim, { name, transposed: false });
}

/** Truncated normal with standard deviation 1/√fanIn. */
function weight(shape: readonly number[], fanIn: number, reference: ReferenceTensor): Declaration {
  return { shape, init: { kind: 'truncated-normal', std: 1 / Math.sqrt(fanIn) }, reference };
}
