/** Shapes and dtypes without a tensor runtime: what crosses the border between parts. */

/** The dtypes that TF.js has. bfloat16 exists only inside graphs and in files. */
export type DType = 'float32' | 'int32' | 'bool';

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Named tensors, flat: names use `/` between parts, e.g. `parameters/layers/0/mlp/down`. */
export type SpecTree = Readonly<Record<string, TensorSpec>>;

/** Values on the host. bool is one byte an element, 0 or 1. */
export interface HostTensor extends TensorSpec {
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type HostTree = Readonly<Record<string, HostTensor>>;

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

export const BYTES_PER_ELEMENT: Record<DType, number> = { float32: 4, int32: 4, bool: 1 };

/** Bytes of a tree on the host. */
export function bytesOf(tree: SpecTree): number {
  return Object.values(tree).reduce(
    (total, spec) => total + sizeOf(spec.shape) * BYTES_PER_ELEMENT[spec.dtype],
    0,
  );
}

/** A host tensor of zeros (false for bool). */
export function zeros(spec: TensorSpec): HostTensor {
  const size = sizeOf(spec.shape);
  const data =
    spec.dtype === 'float32'
      ? new Float32Array(size)
      : spec.dtype === 'int32'
        ? new Int32Array(size)
        : new Uint8Array(size);
  return { shape: spec.shape, dtype: spec.dtype, data };
}
