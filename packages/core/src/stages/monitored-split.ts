/** The split that the monitor of a training watches: whether there will be one, before anything is built. */
import type { PluginReference, StageServices, StageView } from '../contracts/services.ts';
import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { VALIDATION_SPLIT } from '../data/leakage.ts';
import { isEvaluated } from './evaluations.ts';
import { monitorSplitMissing, monitorUnmeasured } from './errors.ts';

/**
 * Finds before anything is built that a monitor would never see an evaluation.
 *
 * @throws MONITOR_UNMEASURED, MONITOR_SPLIT_MISSING
 */
export async function checkMonitoredSplit(split: string, services: StageServices): Promise<void> {
  const { name } = services;
  const views = services.stages();
  if (!isEvaluated(name, views)) throw monitorUnmeasured(name);
  const present = await knownSplits(services, views);
  if (present !== undefined) requireMonitoredSplit(name, split, present);
}

/** @throws MONITOR_SPLIT_MISSING */
export function requireMonitoredSplit(
  stage: string,
  split: string,
  present: readonly string[],
): void {
  if (!present.includes(split)) throw monitorSplitMissing({ stage, split, present });
}

/** The splits that a training will be given; undefined where only building the data can tell. */
async function knownSplits(
  { name, parts }: StageServices,
  views: readonly StageView[],
): Promise<readonly string[] | undefined> {
  const builder = sourceOf(name, views);
  if (builder?.reference.use !== 'build') return undefined;
  const { dataset, validation } = builder.reference as PluginReference & BuildOptions;
  const { splits } = await parts.create('dataset', dataset);
  return validation === undefined ? splits : [...splits, VALIDATION_SPLIT];
}

/** What stage `build` says of its splits. */
interface BuildOptions {
  readonly dataset: PluginReference;
  readonly validation?: number;
}

/** The stage that the data of a stage come from in the end: one that takes none itself. */
function sourceOf(name: string, views: readonly StageView[]): StageView | undefined {
  const takesFrom = views.find((view) => view.name === name)?.takesFrom ?? [];
  const provider = views.find(
    (view) => takesFrom.includes(view.name) && view.provides.includes(DATASET_ARTIFACT),
  );
  return provider && (sourceOf(provider.name, views) ?? provider);
}
