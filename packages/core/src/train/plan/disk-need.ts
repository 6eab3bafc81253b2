/** What a training is going to write: the checkpoints that it keeps, and the one that it is writing. */
import { bytesOf, type SpecTree } from '@eddy/tensor/spec';

import { formatBytes } from '../../config/byte-size.ts';
import { bytesOfExample } from '../../data/example-bytes.ts';
import type { PlannedDisk } from '../../contracts/events.ts';
import type { DatasetMetadata } from '../../contracts/dataset.ts';

/** The last good checkpoint, the one that is being written, and room for the journal, evaluations and logs. */
const LEAST_CHECKPOINTS = 3;

export function diskNeed(facts: {
  readonly state: SpecTree;
  readonly keep: number;
  /** Evaluations whose checkpoints are kept besides; 0 where none are. */
  readonly keptEvaluations: number;
  readonly dataset: DatasetMetadata;
}): PlannedDisk {
  const { state, keep, keptEvaluations, dataset } = facts;
  const checkpointBytes = bytesOf(state);
  // A new checkpoint is whole before the oldest goes.
  const checkpoints = keep + 1 + keptEvaluations;
  const examples = Object.values(dataset.splits).reduce((sum, split) => sum + split.numExamples, 0);
  const dataBytes = examples * bytesOfExample(dataset.seqLen);
  return { checkpointBytes, checkpoints, dataBytes };
}

/** What to say where the checkpoints do not fit on the disk; nothing where they do. */
export function fullDiskWarning({
  checkpointBytes,
  checkpoints,
  freeBytes,
}: PlannedDisk): string | undefined {
  const wanted = Math.max(checkpoints, LEAST_CHECKPOINTS);
  const bytes = wanted * checkpointBytes;
  if (freeBytes === undefined || bytes <= freeBytes) return undefined;
  const fixes = [
    'free space',
    ...(checkpoints > LEAST_CHECKPOINTS ? ['lower train.checkpoint.keep'] : []),
    'or use another disk with --run-dir',
  ];
  return (
    `the disk has ${formatBytes(freeBytes)} free, and ${wanted} checkpoints of ` +
    `${formatBytes(checkpointBytes)} take ${formatBytes(bytes)}; fix: ${fixes.join(', ')}`
  );
}
