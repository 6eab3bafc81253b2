/** Which way to cut a step is faster: a model of time, to choose by before anything ran. */
import { devicesSharing, type Devices } from '../../engine/devices.ts';
import type { EngineInfo } from '../../contracts/engine.ts';
import type { Model } from '../../contracts/model.ts';
import { bytesOf } from '@eddy/tensor/spec';

/** How a step goes over its batch. */
export interface StepShape {
  /** Rows on the devices at once. */
  readonly microBatchSize: number;
  readonly recompute: boolean;
}

/** Of the work of a step, what recomputation adds where it is not known yet: a forward pass of one cycle. */
const RECOMPUTED_WORK = 0.2;

/**
 * Time of a row in a step of this shape, relative to other shapes of the same step:
 *
 *   work · devices / used · (1 + overhead / s) · (1 + slowdown · max(0, log₂(s / cache)))
 *
 * with s the bytes that the rows of a micro-batch on one device carry, a measure of one activation of it, and
 * `used` the devices that can share the micro-batch equally.
 *
 * @param work  operations of a row relative to those without recomputation, where they are known.
 */
export function relativeTime(
  { microBatchSize, recompute }: StepShape,
  model: Pick<Model, 'carry'>,
  { pace, ...all }: Pick<EngineInfo, 'pace'> & Devices,
  work: number = recompute ? 1 + RECOMPUTED_WORK : 1,
): number {
  if (pace === undefined) return work * (1 + 1 / microBatchSize);
  const used = devicesSharing(microBatchSize, all);
  // A model that carries nothing has activations too: at least a number a row.
  const size = (microBatchSize / used) * Math.max(4, bytesOf(model.carry(1)));
  const { overheadBytes, cacheBytes = Number.POSITIVE_INFINITY, slowdown = 0 } = pace;
  const outgrown = Math.max(0, Math.log2(size / cacheBytes));
  return ((work * all.devices) / used) * (1 + overheadBytes / size) * (1 + slowdown * outgrown);
}
