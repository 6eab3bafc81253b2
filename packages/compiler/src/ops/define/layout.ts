/** Row-major layout. */

export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/** Index along each axis of the element at a flat index. */
export function coordinates(index: number, shape: readonly number[]): number[] {
  const at = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = index % shape[axis]!;
    index = Math.floor(index / shape[axis]!);
  }
  return at;
}

/** The flat index of the element at coordinates. */
export function offset(at: readonly number[], strides: readonly number[]): number {
  return at.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
}
