/** Shapes of tensors that are cut over devices. */
import type { SpecTree, SplitAxes, TensorSpec } from '@eddy/core';

/** One device's part of a tensor. */
export function partOf(spec: TensorSpec, axis: number | undefined, devices: number): TensorSpec {
  if (axis === undefined) return spec;
  return { ...spec, shape: spec.shape.with(axis, spec.shape[axis]! / devices) };
}

/** One device's part of each tensor. */
export function partsOf(specs: SpecTree, axes: SplitAxes['state'] = {}, devices: number): SpecTree {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, partOf(spec, axes[name], devices)]),
  );
}

/** The tensor of which `spec` is one device's part. */
export function wholeOf(spec: TensorSpec, axis: number | undefined, devices: number): TensorSpec {
  if (axis === undefined) return spec;
  return { ...spec, shape: spec.shape.with(axis, spec.shape[axis]! * devices) };
}

/** Whether each of the tensors can be cut into equal parts. */
export function divides(specs: SpecTree, axes: SplitAxes['state'] = {}, devices: number): boolean {
  return Object.entries(axes).every(
    ([name, axis]) => (specs[name]?.shape[axis] ?? 0) % devices === 0,
  );
}
