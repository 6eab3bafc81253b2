/** What training would see of one example of a run's data: the page Data. */
import { resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { SplitRows } from '../data/split-rows.ts';
import { versionsOfRow, type RowVersions } from '../data/row-versions.ts';
import { withTemporaryFolder } from '../files/temporary-folder.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import { builtDataset } from './build-dataset.ts';
import { explainStages } from './explain-stages.ts';
import { withOpenPipeline } from './open-pipeline.ts';

export interface ExampleVersionsOptions {
  /** A pipeline file, such as the config.yml of a run. */
  readonly file: string;
  readonly split: string;
  /** Row of the split as it is stored. */
  readonly index: number;
  /** Most versions that are returned. */
  readonly count: number;
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
}

/** Rows around an example among which those of its puzzle are looked for. */
const AROUND = 64;
const rows = new SplitRows();

/**
 * Returns the first versions of an example as the pipeline's augmentation makes them, or undefined where its
 * data are not in the cache: nothing is built.
 */
export async function exampleVersions(
  options: ExampleVersionsOptions,
): Promise<RowVersions | undefined> {
  const { file, split, index, count, builtin, settings } = options;
  const stages = await explainStages({ file, builtin, settings });
  const data = stages.filter(({ provides }) => provides.includes(DATASET_ARTIFACT));
  if (data.some(({ verdict }) => verdict !== 'reused' && verdict !== 'uncached')) return undefined;
  const pipeline = await resolveConfig(file, [], { builtin, settings });
  const bus = createEventBus();
  return withTemporaryFolder((runFolder) =>
    withOpenPipeline({ pipeline, bus, runFolder }, async (context) => {
      const dataset = await builtDataset(context);
      const from = Math.max(0, index - AROUND);
      const near = await rows.read(dataset.folder, split, { from, count: 2 * AROUND });
      const wanted = near.find((row) => row.index === index);
      if (wanted === undefined) return undefined;
      const own = near.filter(({ puzzle }) => puzzle === wanted.puzzle);
      return versionsOfRow(dataset, split, { rows: own, index, count });
    }),
  );
}
