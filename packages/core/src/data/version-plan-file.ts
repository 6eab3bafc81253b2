/** A VersionPlan on disk: one safetensors file with `firstIdentifiers` and `codes`, int32. */
import { readHostTree, writeSafetensors } from '../checkpoint/safetensors.ts';
import type { DatasetMetadata } from '../contracts/dataset.ts';
import { datasetDamaged } from './errors.ts';
import type { VersionPlan } from './versioned-split.ts';

export async function writeVersionPlan(file: string, plan: VersionPlan): Promise<void> {
  const tensor = (data: Int32Array) => ({ shape: [data.length], dtype: 'int32' as const, data });
  await writeSafetensors(file, {
    firstIdentifiers: tensor(plan.firstIdentifiers),
    codes: tensor(plan.codes),
  });
}

/**
 * @param originals  of the dataset whose versions these are.
 * @throws SAFETENSORS_INVALID, DATASET_DAMAGED
 */
export async function readVersionPlan(
  file: string,
  originals: DatasetMetadata,
): Promise<VersionPlan> {
  const tree = await readHostTree(file);
  const firstIdentifiers = tree['firstIdentifiers']?.data;
  const codes = tree['codes']?.data;
  if (!(firstIdentifiers instanceof Int32Array) || !(codes instanceof Int32Array)) {
    throw datasetDamaged(file, 'not a plan of versions');
  }
  const ascending = firstIdentifiers.every(
    (first, i) => i === 0 || first > firstIdentifiers[i - 1]!,
  );
  if (
    firstIdentifiers.length !== originals.numPuzzleIdentifiers + 1 ||
    firstIdentifiers.at(-1) !== codes.length ||
    !ascending
  ) {
    throw datasetDamaged(file, 'a plan for another dataset');
  }
  return { firstIdentifiers, codes };
}
