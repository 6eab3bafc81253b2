/** Shapes of tensors that devices share. */
import type { Share, SpecTree, TensorSpec } from '@eddy/tensor';

type Shares = Readonly<Record<string, Share>>;

/** What one device has of a tensor. */
export function partOf(spec: TensorSpec, share: Share | undefined, devices: number): TensorSpec {
  if (typeof share !== 'number') return spec;
  return { ...spec, shape: spec.shape.with(share, spec.shape[share]! / devices) };
}

/** What one device has of each tensor. */
export function partsOf(specs: SpecTree, shares: Shares = {}, devices: number): SpecTree {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, partOf(spec, shares[name], devices)]),
  );
}

/** The tensor of which one device has `spec`. */
export function wholeOf(spec: TensorSpec, share: Share | undefined, devices: number): TensorSpec {
  if (typeof share !== 'number') return spec;
  return { ...spec, shape: spec.shape.with(share, spec.shape[share]! * devices) };
}

/** Whether each of the tensors can be cut into equal parts. */
export function divides(specs: SpecTree, shares: Shares = {}, devices: number): boolean {
  return Object.entries(shares).every(
    ([name, share]) => share === 'sum' || (specs[name]?.shape[share] ?? 0) % devices === 0,
  );
}
