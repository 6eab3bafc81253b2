/** What a training on an engine starts from: a step that fits, and the newest state or the first one. */
import { devicesSharing } from '../../engine/devices.ts';
import type { DeviceTree, Engine } from '../../contracts/engine.ts';
import type { RunEventBody } from '../../contracts/events.ts';
import { unlessStopped } from '../../run/unless-stopped.ts';
import type { HostTree } from '@eddy/tensor/spec';
import type { StoredState } from './checkpoints.ts';
import { runStopped } from '../../run/errors.ts';
import { compileToFit, type FittedStep } from '../memory/fit-memory.ts';
import { regroupCarry } from './regroup-carry.ts';
import { initialCarries, initialWeights } from '../step/state.ts';
import type { StepRunner } from '../step/step-runner.ts';
import type { TrainerOptions, TrainerServices } from './trainer-options.ts';

export interface TrainingStart {
  readonly engine: Engine;
  readonly fitted: FittedStep;
  /** Without a path: the initial state, which no checkpoint holds. */
  readonly from: StoredState;
  /** On the device, or on its way there: as much of that state as could be sent while the step was compiled. */
  readonly sentAhead?: Promise<DeviceTree>;
}

/**
 * @param stored  the state to go on from, if there is one.
 * @throws RUN_STOPPED while the engine starts or compiles: nothing is lost by not waiting for it;
 *   MEMORY_TOO_SMALL
 */
export async function trainingStart(
  startEngine: () => Promise<Engine>,
  stored: StoredState | undefined,
  options: TrainerOptions,
  services: TrainerServices,
): Promise<TrainingStart> {
  let drawn: HostTree | undefined;
  let sentAhead: Promise<DeviceTree> | undefined;
  const weights = () => (drawn ??= initialWeights(options.parts, options.random));
  const compileStep = async () => {
    const engine = await startEngine();
    const fitted = await compileToFit({
      engine,
      parts: options.parts,
      globalBatchSize: options.globalBatchSize,
      seqLen: options.dataset.metadata.seqLen,
      microBatchSize: options.microBatchSize,
      recompute: options.recompute ?? 'auto',
      memory: options.memory ?? 'auto',
      // A step that is cut as before goes on bit for bit.
      preferred: stored,
      explore: options.planOnly,
      meanwhile: () => {
        if (stored !== undefined || sentAhead !== undefined) return;
        const first = weights();
        if (options.startFrom !== undefined || options.planOnly === true) return;
        sentAhead = engine.upload(first);
        sentAhead.catch(() => undefined); // heard of by whoever waits for it
      },
    });
    return { engine, fitted };
  };
  const { engine, fitted } = await unlessStopped(services.stop, compileStep(), () =>
    runStopped({ step: stored?.step ?? 0, folder: services.runFolder }),
  );
  if (isBudgetBlind(fitted, options)) services.bus.emit(budgetIgnored(engine, services.name));
  const idle = idleDevices(fitted, engine);
  if (idle !== undefined) {
    services.bus.emit({ type: 'message', level: 'info', text: idle, stage: services.name });
  }
  const from =
    stored === undefined
      ? await firstState(options, fitted.runner, weights())
      : regrouped(stored, fitted.runner);
  return { engine, fitted, from, ...(sentAhead !== undefined && { sentAhead }) };
}

async function firstState(
  { parts, startFrom }: TrainerOptions,
  { sizes }: StepRunner,
  weights: HostTree,
): Promise<StoredState> {
  const initial = { ...weights, ...initialCarries(parts.model, sizes) };
  return {
    step: 0,
    epoch: 0,
    endsIteration: false,
    microBatchSize: sizes.microBatchSize,
    recompute: sizes.recompute === true,
    state: startFrom === undefined ? initial : await startFrom(initial),
  };
}

/** A stored state in the micro-batches of this run. */
function regrouped(stored: StoredState, { parts, sizes }: StepRunner): StoredState {
  const { microBatchSize, recompute = false } = sizes;
  const from = { ...sizes, microBatchSize: stored.microBatchSize };
  const state = regroupCarry(parts.model, stored.state, from, sizes);
  return { ...stored, microBatchSize, recompute, state };
}

function idleDevices({ runner }: FittedStep, { info }: Engine): string | undefined {
  const { microBatchSize } = runner.sizes;
  const used = devicesSharing(microBatchSize, info);
  if (used === info.devices) return undefined;
  return `${used} of ${info.devices} devices are used, because more cannot share ${microBatchSize} rows equally`;
}

/** A limit was set, and the engine doesn't say what a step takes. */
function isBudgetBlind({ candidates }: FittedStep, { memory = 'auto' }: TrainerOptions): boolean {
  return memory !== 'auto' && candidates.every(({ memoryBytes }) => memoryBytes === undefined);
}

function budgetIgnored({ info }: Engine, stage: string): RunEventBody {
  const text = `engine ${info.name} does not report how much memory a step takes, so train.memory has no effect`;
  return { type: 'message', level: 'warning', text, stage };
}
