/** Chooses how a step goes over its batch, so that it fits the memory and is fast. */
import { rowsUnit, type Devices } from '../../engine/devices.ts';
import type { CompileOptions, Engine } from '../../contracts/engine.ts';
import { InternalError } from '@eddy/tensor/errors';
import { batchNotDivisible, memoryTooSmall } from './errors.ts';
import { memoryBudget, type MemoryBudget } from './memory-budget.ts';
import type { BatchSizes, TrainingParts } from '../step/parts.ts';
import { heldBytes, scratchBytes, ScratchModel } from './step-memory.ts';
import { relativeTime, type StepShape } from './step-pace.ts';
import { StepRunner } from '../step/step-runner.ts';

/** An estimate may be too high by this part: what is so little over the budget is compiled to know. */
const ESTIMATE_SLACK = 0.1;

export interface FitRequest extends CompileOptions {
  readonly engine: Engine;
  readonly parts: TrainingParts;
  readonly globalBatchSize: number;
  readonly seqLen: number;
  readonly microBatchSize: number | 'auto';
  readonly recompute: boolean | 'auto';
  /** A byte size, or `auto`. */
  readonly memory: string;
  /** Taken if it fits, whatever is faster. */
  readonly preferred?: StepShape | undefined;
  /** Also compile what the choice did not need, to tell what it costs. */
  readonly explore?: boolean | undefined;
}

export interface StepCandidate extends StepShape {
  /** Of the whole process on the device; undefined where nothing is known of it. */
  readonly memoryBytes: number | undefined;
  /** By the compiler, not extrapolated. */
  readonly isMeasured: boolean;
  /** Estimated time relative to the other candidates. */
  readonly relativeTime: number;
}

export interface FittedStep {
  readonly runner: StepRunner;
  readonly budget: MemoryBudget;
  /** All that came into question, the chosen one among them. */
  readonly candidates: readonly StepCandidate[];
}

/**
 * Compiles the step in the shape asked for. Where `auto` leaves a choice it is the fastest by
 * `relativeTime` that fits the budget: the most promising shape is compiled, what the compiler says of
 * its memory sharpens the estimates of the others, and so on until the best one is a compiled one.
 *
 * @throws BATCH_NOT_DIVISIBLE unless the
 * engine's devices can share both; MEMORY_TOO_SMALL
 */
export async function compileToFit(request: FitRequest): Promise<FittedStep> {
  const { engine, microBatchSize, globalBatchSize } = request;
  if (microBatchSize !== 'auto' && globalBatchSize % microBatchSize !== 0) {
    throw new InternalError(`${microBatchSize} does not divide ${globalBatchSize}`);
  }
  const sharable = sharableSizes(request);
  for (const [option, rows] of Object.entries({ globalBatchSize, microBatchSize })) {
    if (rows === 'auto' || rows % rowsUnit(engine.info) === 0) continue;
    const choices = option === 'microBatchSize' ? sharable : multiplesAround(rows, engine.info);
    throw batchNotDivisible({ option, rows, ...engine.info, choices });
  }
  const search = new ShapeSearch(request, await memoryBudget(engine, request.memory));
  try {
    const runner = await search.best();
    if (request.explore === true) await search.explore(runner.sizes);
    return { runner, budget: search.budget, candidates: search.candidates() };
  } finally {
    await search.dispose();
  }
}

class ShapeSearch {
  readonly budget: MemoryBudget;
  readonly #request: FitRequest;
  readonly #shapes: readonly StepShape[];
  readonly #scratch = new Map<boolean, ScratchModel>();
  /** Operations of a row, by whether activations are computed again. */
  readonly #work = new Map<boolean, number>();
  readonly #compiled = new Map<StepShape, StepRunner>();
  #chosen: StepRunner | undefined;

  constructor(request: FitRequest, budget: MemoryBudget) {
    this.#request = request;
    this.budget = budget;
    this.#shapes = shapesOf(request);
    for (const { recompute } of this.#shapes) this.#scratch.set(recompute, new ScratchModel());
  }

  /** The fastest that fits, or else the leanest if the device can hold it. */
  async best(): Promise<StepRunner> {
    for (;;) {
      const all = this.candidates();
      const fitting = all.filter((candidate) => this.#mayFit(candidate));
      const candidate =
        fitting.length > 0
          ? (fitting.find((fits) => this.#isPreferred(fits)) ??
            minimumBy(fitting, ({ relativeTime: time }) => time))
          : minimumBy(all, ({ memoryBytes = 0 }) => memoryBytes);
      const shape = this.#shapes[all.indexOf(candidate)]!;
      const runner = this.#compiled.get(shape);
      if (runner === undefined) {
        await this.#compile(shape);
        continue;
      }
      const { memoryBytes = 0 } = candidate;
      if (memoryBytes > this.budget.limitBytes) {
        throw memoryTooSmall({ ...this.#request, ...shape, ...this.budget, memoryBytes });
      }
      this.#chosen = runner;
      return runner;
    }
  }

  /** Learns what the same rows take in the other ways. */
  async explore({ microBatchSize }: BatchSizes): Promise<void> {
    for (const shape of this.#shapes) {
      const isKnown = !this.#scratch.get(shape.recompute)!.isEmpty;
      if (shape.microBatchSize === microBatchSize && !isKnown) await this.#compile(shape);
    }
  }

  candidates(): StepCandidate[] {
    const { engine, parts } = this.#request;
    return this.#shapes.map((shape) => {
      const { microBatchSize, recompute } = shape;
      const model = this.#scratch.get(recompute)!;
      const scratch = model.estimate(microBatchSize);
      const { bytesInUse } = this.budget;
      return {
        ...shape,
        memoryBytes:
          scratch === undefined
            ? undefined
            : bytesInUse + heldBytes(engine.info, parts, this.#sizes(shape), scratch),
        isMeasured: model.has(microBatchSize),
        relativeTime: relativeTime(shape, parts.model, engine.info, this.#relativeWork(recompute)),
      };
    });
  }

  /** Frees what was compiled on the way. */
  async dispose(): Promise<void> {
    const others = [...this.#compiled.values()].filter((runner) => runner !== this.#chosen);
    await Promise.all(others.map((runner) => runner.dispose()));
  }

  async #compile(shape: StepShape): Promise<void> {
    const { engine, parts, meanwhile } = this.#request;
    const runner = await StepRunner.compile(engine, parts, this.#sizes(shape), { meanwhile });
    this.#compiled.set(shape, runner);
    const { microBatchSize, recompute } = shape;
    const scratch = scratchBytes(runner.executables);
    if (scratch !== undefined) this.#scratch.get(recompute)!.add(microBatchSize, scratch);
    const flops = runner.executables[0]!.stats.flops;
    if (flops !== undefined) this.#work.set(recompute, flops / microBatchSize);
  }

  #mayFit({ memoryBytes = 0, isMeasured }: StepCandidate): boolean {
    return memoryBytes <= this.budget.bytes * (isMeasured ? 1 : 1 + ESTIMATE_SLACK);
  }

  #isPreferred({ microBatchSize, recompute }: StepShape): boolean {
    const { preferred } = this.#request;
    return preferred?.microBatchSize === microBatchSize && preferred.recompute === recompute;
  }

  #relativeWork(recompute: boolean): number | undefined {
    const [kept, recomputed] = [this.#work.get(false), this.#work.get(true)];
    return recompute && kept !== undefined && recomputed !== undefined
      ? recomputed / kept
      : undefined;
  }

  #sizes({ microBatchSize, recompute }: StepShape): BatchSizes {
    const { globalBatchSize, seqLen } = this.#request;
    return { globalBatchSize, microBatchSize, seqLen, recompute };
  }
}

/** Larger micro-batches first, so that of equals the larger is taken. */
function shapesOf(request: FitRequest): StepShape[] {
  const { microBatchSize, recompute } = request;
  const sizes = microBatchSize === 'auto' ? sharableSizes(request) : [microBatchSize];
  const ways = recompute === 'auto' ? [false, true] : [recompute];
  return ways.flatMap((way) => sizes.map((size) => ({ microBatchSize: size, recompute: way })));
}

/** Micro-batches that the devices can share, the largest first. */
function sharableSizes({ engine, globalBatchSize }: FitRequest): number[] {
  const unit = rowsUnit(engine.info);
  return divisorsOf(globalBatchSize).filter((size) => size % unit === 0);
}

/** The next larger and the next smaller number of rows that the devices can share. */
function multiplesAround(rows: number, info: Devices): number[] {
  const unit = rowsUnit(info);
  const above = Math.ceil(rows / unit) * unit;
  return [above, above - unit].filter((size) => size > 0);
}

function divisorsOf(count: number): number[] {
  return Array.from({ length: count }, (_, i) => count - i).filter((size) => count % size === 0);
}

function minimumBy<T>(values: readonly T[], key: (value: T) => number): T {
  return values.reduce((best, value) => (key(value) < key(best) ? value : best));
}
