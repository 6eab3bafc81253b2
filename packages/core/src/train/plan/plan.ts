/** What a run is going to need, measured on the real executables. */
import { devicesSharing, type Devices } from '../../engine/devices.ts';
import type { Engine, MemoryStats } from '../../contracts/engine.ts';
import type { PlannedDisk, TrainingPlan } from '../../contracts/events.ts';
import type { StopSignal } from '../../contracts/services.ts';
import { sizeOf, type HostTree } from '@eddy/tensor/spec';
import { trainedParameters } from '../step/frozen.ts';
import { shownCandidates } from './shown-candidates.ts';
import { stepBytes } from '../memory/step-memory.ts';
import type { FittedStep } from '../memory/fit-memory.ts';
import { initialScratch, numMicroBatches } from '../step/state.ts';
import type { StepRunner, TrainStepInputs } from '../step/step-runner.ts';

/** Calls before the clock counts: they fault in memory. */
const WARM_UP_CALLS = 2;
/** Timed calls stop after so many, or so much time. */
const TIMED_CALLS = 9;
const TIMED_MS = 4000;

export interface PlannedRun {
  readonly engine: Engine;
  readonly fitted: FittedStep;
  /** Steps that this run is going to do. */
  readonly steps: number;
  /** For people. */
  readonly dataset: string;
  readonly folder: string;
  readonly disk?: PlannedDisk;
}

export interface Measured {
  /** Undefined where nothing can run. */
  readonly stepMs: number | undefined;
  /** Before there was any state on the device. */
  readonly idle: MemoryStats;
  readonly busy: MemoryStats;
}

export interface PlanRequest extends PlannedRun {
  /** State to start from; it is copied to the device and thrown away again. */
  readonly state: HostTree;
  readonly inputs: TrainStepInputs;
  /** Ends the measuring early. */
  readonly stop: StopSignal;
}

/** Runs a few steps on a scratch copy of the state, where the device is here, and says what the run needs. */
export async function planTraining(request: PlanRequest): Promise<TrainingPlan> {
  const { engine } = request;
  const idle = await engine.memory();
  const stepMs = engine.info.isAbsent === true ? undefined : await timeStep(request);
  return planOf(request, { stepMs, idle, busy: await engine.memory() });
}

export function planOf(run: PlannedRun, { stepMs, idle, busy }: Measured): TrainingPlan {
  const { engine, fitted, steps } = run;
  const { runner } = fitted;
  const { model } = runner.parts;
  const held = stepBytes(engine.info, runner);
  const flopsPerStep = flopsOf(runner, engine.info);
  const groups = {
    parameters: countOf(model.parameters),
    buffers: countOf(model.buffers),
    ...(runner.parts.frozen === undefined
      ? {}
      : { trained: countOf(trainedParameters(runner.parts)) }),
    tables: countOf(
      Object.fromEntries(
        Object.entries(model.tables).map(([name, { rows, dim }]) => [name, { shape: [rows, dim] }]),
      ),
    ),
  };
  const compileMs = compileMsOf(runner);
  return {
    parameters: groups.parameters,
    parameterGroups: groups,
    totalSteps: steps,
    globalBatchSize: runner.sizes.globalBatchSize,
    microBatchSize: runner.sizes.microBatchSize,
    recompute: runner.sizes.recompute === true,
    engine: engine.info.description,
    precision: engine.info.precision,
    memoryBytes: Math.max(busy.peakBytes ?? 0, (idle.bytesInUse ?? 0) + held),
    memoryLimitBytes: busy.limitBytes ?? 0,
    ...(Number.isFinite(fitted.budget.bytes) ? { memoryBudgetBytes: fitted.budget.bytes } : {}),
    candidates: shownCandidates(fitted),
    ...(flopsPerStep === undefined ? {} : { flopsPerStep }),
    ...(stepMs === undefined ? {} : { stepMs, totalMs: compileMs + steps * stepMs }),
    compileMs,
    dataset: run.dataset,
    folder: run.folder,
    ...(run.disk === undefined ? {} : { disk: run.disk }),
  };
}

export function compileMsOf({ executables }: StepRunner): number {
  return executables.reduce((total, { stats }) => total + stats.compileMs, 0);
}

/** Milliseconds of a step: of each program the median call, times how often a step calls it. */
async function timeStep({ engine, fitted, state, inputs, stop }: PlanRequest): Promise<number> {
  const { runner } = fitted;
  const device = await engine.upload({ ...state, ...initialScratch(runner.parts, runner.sizes) });
  try {
    if (numMicroBatches(runner.sizes) === 1) {
      return await timeCalls(stop, () => runner.run(device, inputs));
    }
    const [accumulate, apply] = runner.executables;
    const [part] = runner.microBatches(runner.batchInputs(inputs));
    const bind = runner.bindingOf(0);
    const accumulateMs = await timeCalls(stop, () => accumulate!.run(device, part!, { bind }));
    const scalars = runner.scalarInputs(inputs);
    const applyMs = await timeCalls(stop, () => apply!.run(device, scalars));
    return numMicroBatches(runner.sizes) * accumulateMs + applyMs;
  } finally {
    await device.dispose();
  }
}

/** Median milliseconds of a call, so that a hiccup of the machine does not count. */
async function timeCalls(stop: StopSignal, call: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < WARM_UP_CALLS && !stop.requested; i++) await call();
  const durations: number[] = [];
  const start = performance.now();
  do {
    const before = performance.now();
    await call();
    durations.push(performance.now() - before);
  } while (
    durations.length < TIMED_CALLS &&
    performance.now() - start < TIMED_MS &&
    !stop.requested
  );
  return durations.sort((a, b) => a - b)[durations.length >> 1]!;
}

/**
 * Operations of a step on all its devices, counted in the compiled programs; what is recomputed counts
 * again. Undefined on an engine that runs op by op and does not count them.
 */
function flopsOf({ executables, sizes }: StepRunner, devices: Devices): number | undefined {
  const [first, second] = executables.map(({ stats }) => stats.flops);
  if (first === undefined) return undefined;
  const onOneDevice = first * numMicroBatches(sizes) + (second ?? 0);
  return onOneDevice * devicesSharing(sizes.microBatchSize, devices);
}

function countOf(specs: Readonly<Record<string, { readonly shape: readonly number[] }>>): number {
  return Object.values(specs).reduce((total, { shape }) => total + sizeOf(shape), 0);
}
