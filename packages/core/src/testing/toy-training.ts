import { latestCheckpoint } from '../checkpoint/checkpoint.ts';
import { modelIdentity } from '../checkpoint/model-identity.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { DeviceTree, Engine, Executable, RunOptions } from '../contracts/engine.ts';
import type { Optimizer } from '../contracts/optimizer.ts';
import { randomStream } from '../random/random-stream.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { EventBus } from '../contracts/services.ts';
import type { RunEvent } from '../contracts/events.ts';
import type { HostTree } from '@eddy/tensor/spec';
import type { LiveCheckpoint } from '../train/session/checkpoint-artifact.ts';
import { train } from '../train/session/trainer.ts';
import type { TrainerOptions } from '../train/session/trainer-options.ts';
import type { TrainingIdentity } from '../train/session/training-identity.ts';
import { eagerEngine } from './eager-engine.ts';
import { exampleMetadata, numberedGroups, splitOf } from './example-dataset.ts';
import { toyModel } from './toy-model.ts';
import { halfAverage, momentum, signDescent } from './toy-parts.ts';

/** 9 groups, batches of 4, 2 epochs an iteration: 4 steps an iteration, 12 in all. */
const TOY_STEPS = 12;
export const ALL_TOY_STEPS = Array.from({ length: TOY_STEPS }, (_, i) => i + 1);

/** Options of a training of the toy model, on the processor and in milliseconds. */
export function toyTraining(
  options: Partial<TrainerOptions> & { readonly folder: string },
): TrainerOptions {
  return {
    parts: {
      model: toyModel({ ...exampleMetadata, maxSteps: 3 }),
      optimizer: steppedMomentum(0.1),
      rowOptimizer: signDescent(0.01),
      averager: halfAverage,
    },
    identity: TOY_IDENTITY,
    dataset: exampleDataset(),
    split: 'train',
    random: randomStream(3),
    globalBatchSize: 4,
    microBatchSize: 4,
    epochs: 6,
    evalInterval: 2,
    logInterval: 1,
    checkpoint: { every: 3, keep: 100 },
    maxRestarts: 2,
    nonFiniteLimits: { maxConsecutiveSkips: 3, maxRollbacks: 2 },
    ...options,
  };
}

const TOY_IDENTITY: TrainingIdentity = {
  model: modelIdentity(
    { use: 'toy', package: 'toy', version: '1', options: { maxSteps: 3 } },
    { ...exampleMetadata, numPuzzleIdentifiers: 1 },
  ),
  place: { stage: 'train', index: 0 },
  key: 'toy',
  requireOwnModel: () => Promise.resolve(),
  requireOwnRows: () => Promise.resolve(),
};

function exampleDataset(): DatasetArtifact {
  const { split, metadata } = splitOf(
    'train',
    numberedGroups(Array.from({ length: 9 }, () => [1, 1])),
  );
  // Group 0 is the blank label, which is not scored.
  split.labels.forEach((_, i) => (split.labels[i] = split.inputs[i - (i % 4)]!));
  return {
    folder: '',
    metadata,
    identifiers: () => Promise.resolve([]),
    open: () => Promise.resolve(split),
  };
}

/** The step is an input of the program, so that an engine under test can see it. */
export function steppedMomentum(learningRate: number): Optimizer {
  return {
    ...momentum(learningRate),
    scalarNames: ['learningRate', 'step'],
    scalars: ({ step }) => ({ learningRate, step }),
  };
}

export interface ToyRun {
  readonly events: RunEvent[];
  /** The steps that were handed on to be evaluated. */
  readonly checkpoints: number[];
  readonly error?: unknown;
}

export interface ToyRunSettings {
  readonly engine?: () => Engine | Promise<Engine>;
  readonly stopAfterStep?: number;
  readonly onEvent?: (event: RunEvent) => void;
  readonly stopping?: AbortController;
  readonly evaluate?: (checkpoint: LiveCheckpoint, bus: EventBus) => void;
  readonly stop?: { readonly requested: boolean; takeSaveRequest?: () => boolean };
}

/** Trains; what ends it early is part of the result. */
export async function runTraining(
  options: TrainerOptions,
  settings: ToyRunSettings = {},
): Promise<ToyRun> {
  const bus = createEventBus();
  const events: RunEvent[] = [];
  const checkpoints: number[] = [];
  const { stopping = new AbortController() } = settings;
  bus.events$.subscribe((event) => {
    events.push(event);
    settings.onEvent?.(event);
    if (event.type === 'step-finished' && event.step === settings.stopAfterStep) stopping.abort();
  });
  const makeEngine = settings.engine ?? eagerEngine;
  const services = {
    name: 'train',
    bus,
    runFolder: options.folder,
    stop: {
      get requested() {
        return stopping.signal.aborted || settings.stop?.requested === true;
      },
      signal: stopping.signal,
      takeSaveRequest: () => settings.stop?.takeSaveRequest?.() ?? false,
    },
    engine: async () => makeEngine(),
    restartEngine: async () => makeEngine(),
  };
  try {
    await train(options, services, (checkpoint) => {
      settings.evaluate?.(checkpoint, bus);
      checkpoints.push(checkpoint.step);
      return Promise.resolve();
    });
    return { events, checkpoints };
  } catch (error) {
    return { events, checkpoints, error };
  }
}

export function stepsOf({ events }: ToyRun): number[] {
  return events.flatMap((event) => (event.type === 'step-finished' ? [event.step] : []));
}

/** The hash of the last checkpoint's state, which must be that of the last step. */
export async function finalHash(folder: string): Promise<string> {
  const { step, stateHash } = (await latestCheckpoint(folder, () => undefined))!.manifest;
  if (step !== TOY_STEPS) throw new Error(`the last checkpoint is of step ${step}`);
  return stateHash;
}

/** The eager engine with a hand on the state before each step, or before each of its micro-batches. */
export function interferingEngine(interfere: (tree: HostTree, step: number) => void): Engine {
  const engine = eagerEngine();
  const steps = new InterferedSteps(interfere);
  return {
    ...engine,
    compile: async (program) => interfering(await engine.compile(program), steps),
  };
}

/** One call after the other, as on a device: what is read for one must not be written after another. */
class InterferedSteps {
  readonly #interfere: (tree: HostTree, step: number) => void;
  #turn: Promise<unknown> = Promise.resolve();
  #step = 0;

  constructor(interfere: (tree: HostTree, step: number) => void) {
    this.#interfere = interfere;
  }

  /** What is dead stays dead: all that comes after a failure fails with it. */
  run<T>(state: DeviceTree, inputs: HostTree, work: () => Promise<T>): Promise<T> {
    // Only the last program of a step is told its number.
    const told = inputs['optimizer/step']?.data[0];
    const step = told ?? this.#step + 1;
    if (told !== undefined) this.#step = told;
    const done = this.#turn.then(async () => {
      const tree = await state.read();
      this.#interfere(tree, step);
      await state.write(tree);
      return work();
    });
    this.#turn = done;
    done.catch(() => undefined); // heard of by whoever waits for it
    return done;
  }
}

function interfering(executable: Executable, steps: InterferedSteps): Executable {
  return {
    name: executable.name,
    outputs: executable.outputs,
    stats: executable.stats,
    dispose: () => executable.dispose(),
    run: (state: DeviceTree, inputs: HostTree, options?: RunOptions) =>
      steps.run(state, inputs, () => executable.run(state, inputs, options)),
  };
}
