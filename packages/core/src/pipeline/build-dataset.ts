/** Only the data of a pipeline: `pipeline export-dataset`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lastValueFrom, type Observable } from 'rxjs';

import { resolveConfig } from '../config/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent } from '../run/events.ts';
import type { StopSignal } from '../run/services.ts';
import { chainStages } from './chain-stages.ts';
import { EngineHolder } from './engine-holder.ts';
import { stageNeedMissing } from './errors.ts';
import { openStages } from './open-stages.ts';
import { engineContainer, openContainer } from './run-pipeline.ts';

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
  const runFolder = await mkdtemp(join(tmpdir(), 'eddy-build-'));
  const bus = createEventBus();
  options.onEvents?.(bus.events$);
  const container = await openContainer(pipeline, bus, runFolder);
  const engines = new EngineHolder(() =>
    engineContainer(pipeline, container).create('engine', pipeline.engine),
  );
  const context = { pipeline, container, bus, stop, engines, runFolder };
  try {
    const ordered = await openStages({ ...context, resume: false, planOnly: true }, {});
    const stages = ordered.filter(({ stage }) => stage.provides.includes(DATASET_ARTIFACT));
    if (stages.length === 0) throw stageNeedMissing('export-dataset', DATASET_ARTIFACT);
    const artifacts$ = chainStages(stages, {
      started: (stage) => bus.emit({ type: 'stage-started', stage }),
      finished: (stage, durationMs) => bus.emit({ type: 'stage-finished', stage, durationMs }),
    });
    return datasetOf(await lastValueFrom(artifacts$));
  } finally {
    bus.complete();
    await engines.dispose();
    await rm(runFolder, { recursive: true, force: true });
  }
}
