/** Bytes that steps of different shapes take, learned from the few that were compiled. */
import { devicesSharing, type Devices } from '../../engine/devices.ts';
import type { EngineInfo, ExecutableStats } from '../../contracts/engine.ts';
import { bytesOf } from '@eddy/tensor/spec';
import {
  accumulatorSpecs,
  numMicroBatches,
  rowIdSpecs,
  rowSpecs,
  weightSpecs,
} from '../step/state.ts';
import type { BatchSizes, TrainingParts } from '../step/parts.ts';
import type { StepRunner } from '../step/step-runner.ts';

interface Measured {
  readonly rows: number;
  readonly bytes: number;
}

/** Bytes that a training with this step comes to hold: see `heldBytes`. */
export function stepBytes(
  info: Pick<EngineInfo, 'processMemory'> & Devices,
  { parts, sizes, executables }: StepRunner,
): number {
  return heldBytes(info, parts, sizes, scratchBytes(executables) ?? 0);
}

/**
 * Bytes that a training comes to hold on one host. On a device that is what a step takes, and a process keeps more; it has
 * the devices of a CPU in it, each with its own copy of what is not cut by rows.
 *
 * @param scratch  bytes of one call on one device.
 */
export function heldBytes(
  { processMemory, ...all }: Pick<EngineInfo, 'processMemory'> & Devices,
  parts: TrainingParts,
  sizes: BatchSizes,
  scratch: number,
): number {
  const state = stateBytes(parts, sizes);
  const resident = state + accumulatorBytes(parts, sizes);
  if (processMemory === undefined) return resident + scratch;
  const used = devicesSharing(sizes.microBatchSize, all) / (all.hosts ?? 1);
  const {
    scratchBuffers,
    belowBytes = Number.POSITIVE_INFINITY,
    compilerBytes = 0,
  } = processMemory;
  const buffers = used * (scratch < belowBytes ? scratchBuffers : 1);
  const copies = (used - 1) * wholeBytes(parts, sizes);
  const checkpoint = state;
  return resident + copies + buffers * scratch + checkpoint + compilerBytes;
}

/** Of `stateSpecs`, without making them: micro-batches can be hundreds, and are alike. */
function stateBytes(parts: TrainingParts, sizes: BatchSizes): number {
  const carry = bytesOf(parts.model.carry(sizes.microBatchSize));
  return bytesOf(weightSpecs(parts)) + numMicroBatches(sizes) * carry;
}

/** Likewise of the scratch beside it. */
function accumulatorBytes(parts: TrainingParts, sizes: BatchSizes): number {
  const count = numMicroBatches(sizes);
  if (count === 1) return 0;
  const { microBatchSize } = sizes;
  const rows = bytesOf(rowSpecs(parts, microBatchSize));
  const rowIds = bytesOf(rowIdSpecs(parts, microBatchSize));
  return bytesOf(accumulatorSpecs(parts)) + count * (rows + rowIds);
}

/** Of these, what each device has whole. */
function wholeBytes(parts: TrainingParts, sizes: BatchSizes): number {
  const accumulators = numMicroBatches(sizes) === 1 ? {} : accumulatorSpecs(parts);
  return bytesOf({ ...weightSpecs(parts), ...accumulators });
}

/** Of the call that takes most; undefined where the engine doesn't say. */
export function scratchBytes(
  executables: readonly { readonly stats: ExecutableStats }[],
): number | undefined {
  const bytes = executables.flatMap(({ stats: { temporaryBytes, outputBytes = 0 } }) =>
    temporaryBytes === undefined ? [] : [temporaryBytes + outputBytes],
  );
  return bytes.length === 0 ? undefined : Math.max(...bytes);
}

/** Scratch as a linear function of rows: a part for the weights and one for each row. */
export class ScratchModel {
  readonly #measured: Measured[] = [];

  get isEmpty(): boolean {
    return this.#measured.length === 0;
  }

  has(rows: number): boolean {
    return this.#measured.some((known) => known.rows === rows);
  }

  add(rows: number, bytes: number): void {
    this.#measured.push({ rows, bytes });
  }

  /** From the two measurements next to it; from a single one in proportion; undefined from none. */
  estimate(rows: number): number | undefined {
    const byDistance = this.#measured.toSorted(
      (a, b) => Math.abs(a.rows - rows) - Math.abs(b.rows - rows),
    );
    const [near, far] = byDistance;
    if (near === undefined) return undefined;
    if (near.rows === rows) return near.bytes;
    if (far === undefined) return (near.bytes / near.rows) * rows;
    const perRow = Math.max(0, (near.bytes - far.bytes) / (near.rows - far.rows));
    return Math.max(0, near.bytes + perRow * (rows - near.rows));
  }
}
