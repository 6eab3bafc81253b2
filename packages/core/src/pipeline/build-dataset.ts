/** Only the data of a pipeline: `pipeline export-dataset`. */
import { filter, lastValueFrom, type Observable } from 'rxjs';

import { resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { withTemporaryFolder } from '../files/temporary-folder.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent } from '../contracts/events.ts';
import type { StopSignal } from '../contracts/services.ts';
import { chainStages, stageEventsOn } from './chain-stages.ts';
import { stageNeedMissing } from './errors.ts';
import { openStages } from './open-stages.ts';
import { withOpenPipeline, type OpenPipeline } from './open-pipeline.ts';

export interface BuildDatasetOptions {
  readonly file: string;
  readonly overrides?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  readonly stop: StopSignal;
  readonly onEvents?: (events$: Observable<RunEvent>) => void;
}

/**
 * The dataset that training would read: runs the stages that hand one on, or finds their results in
 * the cache.
 *
 * @throws STAGE_NEED_MISSING when the pipeline builds no dataset
 */
export async function buildDataset(options: BuildDatasetOptions): Promise<DatasetArtifact> {
  const { file, overrides = [], builtin, settings, stop } = options;
  const pipeline = await resolveConfig(file, overrides, { builtin, settings });
  const bus = createEventBus();
  options.onEvents?.(bus.events$);
  return withTemporaryFolder((runFolder) =>
    withOpenPipeline({ pipeline, bus, stop, runFolder }, builtDataset),
  );
}

/** See `buildDataset`. */
export async function builtDataset(context: OpenPipeline): Promise<DatasetArtifact> {
  const ordered = await openStages({ ...context, planOnly: true }, {});
  const stages = ordered.filter(({ stage }) => stage.provides.includes(DATASET_ARTIFACT));
  if (stages.length === 0) throw stageNeedMissing('export-dataset', DATASET_ARTIFACT);
  const artifacts$ = chainStages(stages, stageEventsOn(context.bus));
  return datasetOf(
    await lastValueFrom(artifacts$.pipe(filter(({ kind }) => kind === DATASET_ARTIFACT))),
  );
}
