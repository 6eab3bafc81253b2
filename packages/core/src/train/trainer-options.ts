/** What a training is told, and what it works with. */
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Engine } from '../engine/engine.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { EventBus, StopSignal } from '../run/services.ts';
import type { HostTree } from '@eddy/tensor/spec';
import type { LiveCheckpoint } from './checkpoint-artifact.ts';
import type { NonFiniteLimits } from './non-finite.ts';
import type { TrainingIdentity } from './training-identity.ts';
import type { PlannedEvaluation } from './plan-evaluations.ts';
import type { TrainingParts } from './state.ts';

export interface TrainerOptions {
  readonly parts: TrainingParts;
  /** What checkpoints record of the model and the training. */
  readonly identity: TrainingIdentity;
  readonly dataset: DatasetArtifact;
  readonly split: string;
  /** Root of the run's randomness. */
  readonly random: RandomStream;
  /** Puts weights of another run into the initial state; not called by a run that goes on. */
  readonly startFrom?: ((initial: HostTree) => Promise<HostTree>) | undefined;
  readonly globalBatchSize: number;
  readonly microBatchSize: number | 'auto';
  /** Whether activations are computed again in the backward pass; `auto` by default: if memory asks for it. */
  readonly recompute?: boolean | 'auto' | undefined;
  /** A byte size that training must stay within, or `auto` (default): what the engine has. */
  readonly memory?: string | undefined;
  readonly epochs: number;
  /** Epochs between evaluations. */
  readonly evalInterval: number;
  /** Ends the run early; the learning rate's schedule stays that of all epochs. */
  readonly maxSteps?: number | undefined;
  readonly logInterval: number;
  readonly checkpoint: { readonly every: number | 'auto'; readonly keep: number };
  /** Restarts of a dead engine in a row, without a step between that was saved. */
  readonly maxRestarts: number;
  /** For `parts.nonFinite`. */
  readonly nonFiniteLimits: NonFiniteLimits;
  /** Folder of the checkpoints. */
  readonly folder: string;
  /** What stages of the pipeline evaluate, for planning. */
  readonly evaluations?: readonly PlannedEvaluation[];
  /** Only plan: measure, report, do no step. */
  readonly planOnly?: boolean;
}

export interface TrainerServices {
  /** Stage name for messages. */
  readonly name: string;
  readonly bus: EventBus;
  readonly stop: StopSignal;
  readonly runFolder: string;
  engine(): Promise<Engine>;
  restartEngine(): Promise<Engine>;
}

/** Called with each checkpoint that is due for evaluation; training waits for it. */
export type OnCheckpoint = (checkpoint: LiveCheckpoint) => Promise<void>;
