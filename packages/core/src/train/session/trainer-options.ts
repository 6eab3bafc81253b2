/** What a training is told, and what it works with. */
import type { DatasetArtifact } from '../../data/dataset-artifact.ts';
import type { Engine } from '../../contracts/engine.ts';
import type { RandomStream } from '../../random/random-stream.ts';
import type { EventBus, StopSignal } from '../../contracts/services.ts';
import type { HostTree } from '@eddy/tensor/spec';
import type { LiveCheckpoint, ReusedTraining } from './checkpoint-artifact.ts';
import type { NonFiniteLimits } from './non-finite.ts';
import type { MonitorOptions } from './monitor.ts';
import type { TrainingIdentity } from './training-identity.ts';
import type { Model } from '../../contracts/model.ts';
import type { TrainingParts } from '../step/parts.ts';

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
  readonly checkpoint: {
    readonly every: number | 'auto';
    readonly keep: number;
    /** True if the checkpoints of all evaluations stay, too. */
    readonly keepEvaluated?: boolean;
  };
  /** What chooses the best checkpoint, and may end the training early. */
  readonly monitor?: MonitorOptions | undefined;
  /** Label that the evaluations of this training carry; none where it is the only one. */
  readonly label?: string | undefined;
  /** Restarts of a dead engine in a row, without a step between that was saved. */
  readonly maxRestarts: number;
  /** For `parts.nonFinite`. */
  readonly nonFiniteLimits: NonFiniteLimits;
  /** Folder of the checkpoints. */
  readonly folder: string;
  /** The evaluations that interrupt the training; timed only when it plans. */
  readonly evaluations?: PlannedEvaluations;
  /** The training is done, by another run: its checkpoints lie in `folder` and are handed on. */
  readonly reused?: ReusedTraining | undefined;
  /** Only plan: measure, report, do no step. */
  readonly planOnly?: boolean;
}

export interface PlannedEvaluations {
  /** How many there are each time that training pauses for them. */
  readonly count: number;
  /** Returns the milliseconds of one pause, measured. */
  readonly time: (training: EvaluatedTraining) => Promise<number>;
}

/** What evaluations are timed on. */
export interface EvaluatedTraining {
  readonly engine: Engine;
  readonly model: Model;
  /** Parameters, buffers and tables of the model. */
  readonly state: HostTree;
  readonly dataset: DatasetArtifact;
  /** Rows of a training's call: an evaluation's too, where its stage says nothing. */
  readonly batchSize: number;
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
