/** Stages of a plan that need not work: what they would make is known well enough. */
import { asapScheduler, scheduled } from 'rxjs';

import type { ExpectedArtifact, ExpectedDataset } from '../contracts/foresight.ts';
import type { Artifact } from '../contracts/stage.ts';
import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { standInDataset } from '../data/stand-in.ts';
import { wholeMetadata } from '../stages/foresee-datasets.ts';
import type { Foreseen } from './foresee-stages.ts';
import type { NamedStage } from './order-stages.ts';

/**
 * Puts a stage that hands on a dataset of the foreseen sizes in place of each stage whose dataset is foreseen
 * whole: a plan of a training needs the sizes, and no puzzle.
 */
export function withStandIns(
  ordered: readonly NamedStage[],
  { artifacts }: Pick<Foreseen, 'artifacts'>,
): NamedStage[] {
  return ordered.map((named) => {
    const made = artifacts.get(named.name) ?? [];
    const standIns = made.map(standInOf);
    if (made.length === 0 || !standIns.every((artifact) => artifact !== undefined)) return named;
    const { provides, needs } = named.stage;
    return {
      name: named.name,
      stage: { needs, provides, run: () => scheduled(standIns, asapScheduler) },
    };
  });
}

function standInOf({ kind, stage, value }: ExpectedArtifact): Artifact | undefined {
  if (kind !== DATASET_ARTIFACT || value === undefined) return undefined;
  const metadata = wholeMetadata(value as ExpectedDataset);
  if (metadata === undefined) return undefined;
  return { kind, stage, key: 'stand-in', path: 'no folder', value: standInDataset(metadata) };
}
