/**
 * What a program that runs on several devices at once exchanges between them. On one device each is the
 * identity; a tracing backend registers the kernels named here. No gradient is defined: they come
 * after differentiation.
 */
import { engine, getBackend, getKernel, type Tensor } from '@tensorflow/tfjs-core';

/** Kernel `EddySumOverDevices`: input `{ x }`, float32. */
export const SUM_OVER_DEVICES_KERNEL = 'EddySumOverDevices';
/** Kernel `EddyGatherOverDevices`: input `{ x }`, at least one axis. */
export const GATHER_OVER_DEVICES_KERNEL = 'EddyGatherOverDevices';

/** Σ over devices of each one's `x`; every device gets the same bits. */
export function sumOverDevices<T extends Tensor>(x: T): T {
  return onDevices(SUM_OVER_DEVICES_KERNEL, x);
}

/** The `x` of all devices one after the other along axis 0, [B / N, …] → [B, …]: the rows in their global order. */
export function gatherOverDevices<T extends Tensor>(x: T): T {
  return onDevices(GATHER_OVER_DEVICES_KERNEL, x);
}

function onDevices<T extends Tensor>(kernelName: string, x: T): T {
  // Typed as always present, but undefined where the backend lacks the kernel.
  const known = (getKernel(kernelName, getBackend()) as unknown) !== undefined;
  return known ? engine().runKernel<T>(kernelName, { x }) : x;
}
