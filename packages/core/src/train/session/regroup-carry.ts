/** Carries of a checkpoint in micro-batches of another size: memory may be short where it is resumed. */
import type { Model } from '../../contracts/model.ts';
import { sizeOf, zeros, type HostTensor, type HostTree } from '@eddy/tensor/spec';
import { carryFolders } from '../step/state.ts';
import type { BatchSizes } from '../step/parts.ts';
import { within } from '@eddy/tensor';

/** The same slots in the same order, in the carries of `to`; everything else as it is. */
export function regroupCarry(
  model: Model,
  state: HostTree,
  from: BatchSizes,
  to: BatchSizes,
): HostTree {
  if (from.microBatchSize === to.microBatchSize) return state;
  const carries = carryFolders(from).map((folder) => within(folder, state));
  const regrouped = Object.fromEntries(
    Object.entries(state).filter(([name]) => !/^carry(\.\d+)?\//.test(name)),
  );
  for (const [name, axis] of Object.entries(model.carryBatchAxis)) {
    const parts = carries.map((carry) => carry[name]!);
    const whole = joinAlong(parts, axis);
    carryFolders(to).forEach((folder, i) => {
      const start = i * to.microBatchSize;
      regrouped[`${folder}/${name}`] = cutAlong(whole, axis, start, to.microBatchSize);
    });
  }
  return regrouped;
}

function joinAlong(parts: readonly HostTensor[], axis: number): HostTensor {
  const [first] = parts;
  const dim = parts.reduce((total, { shape }) => total + shape[axis]!, 0);
  const whole = zeros({ dtype: first!.dtype, shape: first!.shape.with(axis, dim) });
  let start = 0;
  for (const part of parts) {
    copyRows(part, 0, whole, start, axis, part.shape[axis]!);
    start += part.shape[axis]!;
  }
  return whole;
}

function cutAlong(whole: HostTensor, axis: number, start: number, count: number): HostTensor {
  const part = zeros({ dtype: whole.dtype, shape: whole.shape.with(axis, count) });
  copyRows(whole, start, part, 0, axis, count);
  return part;
}

/** Copies `count` rows along an axis. */
function copyRows(
  from: HostTensor,
  fromStart: number,
  to: HostTensor,
  toStart: number,
  axis: number,
  count: number,
): void {
  const inner = sizeOf(from.shape.slice(axis + 1));
  const fromStride = from.shape[axis]! * inner;
  const toStride = to.shape[axis]! * inner;
  const outer = sizeOf(from.shape.slice(0, axis));
  for (let i = 0; i < outer; i++) {
    const source = i * fromStride + fromStart * inner;
    const rows = from.data.subarray(source, source + count * inner);
    to.data.set(rows, i * toStride + toStart * inner);
  }
}
