/** What an artifact of kind `checkpoint` carries while its run is alive. */
import type { DeviceTree, Engine } from '../../contracts/engine.ts';
import type { Model } from '../../contracts/model.ts';
import type { StoredState } from './checkpoints.ts';
import type { MonitorState } from './monitor.ts';
import type { TrainingParts } from '../step/parts.ts';

export const CHECKPOINT_ARTIFACT = 'checkpoint';

/** A checkpoint on disk together with the state it was made of, still on the device. */
export interface LiveCheckpoint {
  readonly step: number;
  readonly epoch: number;
  /** Folder of the checkpoint. */
  readonly path: string;
  readonly model: Model;
  readonly engine: Engine;
  /** Has `parameters/`, `buffers/`, `tables/` and, when averaged, `average/`. */
  readonly state: DeviceTree;
  readonly averaged: boolean;
  /** Rows of one call in training: they fitted on the device that made the checkpoint, maybe another than this one. */
  readonly batchSize: number;
  /** Key of the training that saved it, where a run goes on from what is stored: maybe not that of its options. */
  readonly key?: string;
  /** The run that trained it, where this run reuses the training. */
  readonly reusedFrom?: ReusedTraining;
}

/** A finished training of another run, which this run reuses. */
export interface ReusedTraining {
  /** Folder of that run, absolute. */
  readonly run: string;
  /** Steps that were evaluated there and whose checkpoints were not kept. */
  readonly stepsWithoutCheckpoint: readonly number[];
  /** What its monitor knew at the end. */
  readonly monitor: MonitorState | undefined;
  /** Folders of the evaluations in the journal of this run, which sessions before have reported. */
  readonly toldEvaluations: ReadonlySet<string>;
}

export function liveCheckpoint(
  { model, averager }: TrainingParts,
  at: Pick<LiveCheckpoint, 'step' | 'epoch' | 'path' | 'engine' | 'state'> &
    Pick<StoredState, 'microBatchSize'> & { readonly key?: string | undefined },
  reusedFrom?: ReusedTraining,
): LiveCheckpoint {
  const { step, epoch, path, engine, state, microBatchSize, key } = at;
  return {
    step,
    epoch,
    path,
    model,
    engine,
    state,
    averaged: averager !== undefined,
    batchSize: microBatchSize,
    ...(key === undefined ? {} : { key }),
    ...(reusedFrom && { reusedFrom }),
  };
}
