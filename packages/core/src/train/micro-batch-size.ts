/** Chooses how many rows go through the device at once. */
import type { Engine, ExecutableStats } from '../engine/engine.ts';
import { bytesOf } from '../tensor/spec.ts';
import { microBatchSizeInvalid } from './errors.ts';
import { scratchSpecs, stateSpecs, type BatchSizes, type TrainingParts } from './state.ts';
import { StepRunner } from './step-runner.ts';

/**
 * Part of the device's memory that training may plan for. On a CPU others want some too, and a larger
 * micro-batch is no faster.
 */
const USABLE_PART = 0.5;

export interface MicroBatchRequest {
  readonly engine: Engine;
  readonly parts: TrainingParts;
  readonly globalBatchSize: number;
  readonly seqLen: number;
  readonly microBatchSize: number | 'auto';
}

/**
 * Compiles the step at the micro-batch size asked for; `auto` is the largest divisor of the global
 * batch that fits, found from what the compiler says about scratch memory: one compilation when the
 * whole batch fits, usually two when it doesn't.
 *
 * @throws MICRO_BATCH_SIZE_INVALID unless it divides the global batch
 */
export async function compileToFit(request: MicroBatchRequest): Promise<StepRunner> {
  const { engine, parts, globalBatchSize, seqLen, microBatchSize } = request;
  const compile = (size: number): Promise<StepRunner> =>
    StepRunner.compile(engine, parts, { globalBatchSize, microBatchSize: size, seqLen });
  if (microBatchSize !== 'auto') {
    if (globalBatchSize % microBatchSize !== 0) {
      throw microBatchSizeInvalid(microBatchSize, globalBatchSize);
    }
    return compile(microBatchSize);
  }

  const { limitBytes, bytesInUse = 0 } = await engine.memory();
  const budget =
    limitBytes === undefined ? Number.POSITIVE_INFINITY : limitBytes * USABLE_PART - bytesInUse;
  let size = globalBatchSize;
  for (;;) {
    const runner = await compile(size);
    const scratchPerRow = scratchBytes(runner) / size;
    if (size === 1 || stepBytes(runner) <= budget) return runner;
    await runner.dispose();
    size = largestFitting(request, size, scratchPerRow, budget);
  }
}

/** Bytes on the device while a step runs: the state, the accumulators and the largest scratch. */
export function stepBytes(runner: StepRunner): number {
  return residentBytes(runner.parts, runner.sizes) + scratchBytes(runner);
}

function residentBytes(parts: TrainingParts, sizes: BatchSizes): number {
  return bytesOf(stateSpecs(parts, sizes)) + bytesOf(scratchSpecs(parts, sizes));
}

function scratchBytes(runner: StepRunner): number {
  const bytes = ({ temporaryBytes = 0, outputBytes = 0 }: ExecutableStats): number =>
    temporaryBytes + outputBytes;
  return Math.max(...runner.executables.map((executable) => bytes(executable.stats)));
}

/** The largest smaller divisor that fits if scratch grows with the rows; the next divisor at least. */
function largestFitting(
  request: MicroBatchRequest,
  tooLarge: number,
  scratchPerRow: number,
  budget: number,
): number {
  const { parts, globalBatchSize, seqLen } = request;
  const smaller: number[] = [];
  for (let size = tooLarge - 1; size >= 1; size--) {
    if (globalBatchSize % size === 0) smaller.push(size);
  }
  const fits = (microBatchSize: number): boolean => {
    const resident = residentBytes(parts, { globalBatchSize, microBatchSize, seqLen });
    return resident + scratchPerRow * microBatchSize <= budget;
  };
  return smaller.find(fits) ?? 1;
}
