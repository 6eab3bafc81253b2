/** The leakage guard of stage `build`: compares, reports, and does what it was told. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { withTemporaryFolder } from '../files/temporary-folder.ts';
import type { DatasetSource, Split, StreamedGroup } from '../contracts/dataset.ts';
import { contentOf, openDataset, writeDataset, type StoredDataset } from './dataset-store.ts';
import { leakageFound, leakageTasksDiffer } from './errors.ts';
import { compareSplits, VALIDATION_SPLIT } from './leakage.ts';
import type { LeakageReport } from '../contracts/events.ts';
import { materialisedGroups } from './materialise.ts';

export interface NamedSource {
  readonly name: string;
  readonly source: DatasetSource;
}

export type LeakageAction = 'report' | 'fail' | 'drop' | 'off';

/** In the folder of a dataset that was compared. */
const LEAKAGE_FILE = 'leakage.json';
const TRAIN = 'train';
const TEST = 'test';

/**
 * Compares the training split in `folder` with its other splits and with those of other datasets.
 * `drop` writes the training split again without the groups that hold a test example: the test split
 * stays what others report on.
 *
 * @throws LEAKAGE_FOUND with `fail`
 */
export async function guardAgainstLeakage(
  folder: string,
  guarded: {
    readonly source: DatasetSource;
    readonly against: readonly NamedSource[];
    readonly action: LeakageAction;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { source, against, action, signal } = guarded;
  const { symmetries } = source;
  if (action === 'off' || symmetries === undefined) return;
  const dataset = await openDataset(folder);
  if (dataset.metadata.splits[TRAIN] === undefined) return;
  const train = await dataset.open(TRAIN);
  const reports: LeakageReport[] = [];
  const dropped = new Set<number>();
  const compare = async (test: Split, of: string) => {
    const { report, trainGroups } = await compareSplits(train, test, symmetries, signal);
    const named: LeakageReport = { ...report, of, droppedGroups: 0 };
    if (action === 'fail' && report.leakedExamples > 0) throw leakageFound(named);
    const fresh = [...trainGroups].filter((group) => !dropped.has(group));
    if (action === 'drop') for (const group of fresh) dropped.add(group);
    reports.push(action === 'drop' ? { ...named, droppedGroups: fresh.length } : named);
  };
  for (const split of Object.keys(dataset.metadata.splits)) {
    if (split !== TRAIN) await compare(await dataset.open(split), split);
  }
  for (const { name, source: other } of against) {
    requireSameKind(source, other, name);
    await withSplits(other, signal, (test) => compare(test, name));
  }
  if (dropped.size > 0) await rewrite(dataset, dropped, signal);
  await writeReports(folder, reports);
}

/**
 * Compares the training split in `folder` with the validation split that was held out of it, and adds what it
 * finds to the reports.
 */
export async function guardValidation(
  folder: string,
  { symmetries }: Pick<DatasetSource, 'symmetries'>,
  signal: AbortSignal,
): Promise<void> {
  if (symmetries === undefined) return;
  const dataset = await openDataset(folder);
  const [train, validation] = [await dataset.open(TRAIN), await dataset.open(VALIDATION_SPLIT)];
  const { report } = await compareSplits(train, validation, symmetries, signal);
  await writeReports(folder, [
    ...(await leakageReports(folder)),
    { ...report, of: VALIDATION_SPLIT, droppedGroups: 0 },
  ]);
}

/** What the guard found when the dataset was built; nothing where it was off. */
export async function leakageReports(folder: string): Promise<readonly LeakageReport[]> {
  const text = await readInputText(join(folder, LEAKAGE_FILE), JSON_LIMIT).catch(() => '[]');
  return JSON.parse(text) as LeakageReport[];
}

async function writeReports(folder: string, reports: readonly LeakageReport[]): Promise<void> {
  await writeFile(join(folder, LEAKAGE_FILE), `${JSON.stringify(reports, null, 2)}\n`);
}

function requireSameKind(source: DatasetSource, other: DatasetSource, name: string): void {
  const kindOf = (described: DatasetSource) => {
    const { task, seqLen, vocabSize } = described.describe();
    return `${task}, ${seqLen} tokens of ${vocabSize}`;
  };
  const [expected, received] = [kindOf(source), kindOf(other)];
  if (received !== expected) throw leakageTasksDiffer({ name, expected, received });
}

/** The test split of another dataset, or all that it has when it has none, built for the comparison. */
async function withSplits(
  source: DatasetSource,
  signal: AbortSignal,
  use: (split: Split) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    // Every split is built: names of identifiers are known only afterwards.
    const built = await writeDataset(folder, contentOf(source, signal));
    const names = source.splits.includes(TEST) ? [TEST] : source.splits;
    for (const name of names) await use(await built.open(name));
  });
}

async function rewrite(
  dataset: StoredDataset,
  dropped: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<void> {
  const splits = Object.keys(dataset.metadata.splits);
  // In memory before the files are written over.
  const opened = new Map<string, Split>();
  for (const name of splits) opened.set(name, await dataset.open(name));
  const identifiers = await dataset.identifiers();
  await writeDataset(dataset.folder, {
    metadata: dataset.metadata,
    splits,
    groups: (split) => {
      const groups = materialisedGroups(
        () => Promise.resolve(opened.get(split)!),
        undefined,
        signal,
      );
      return split === TRAIN ? without(groups, dropped) : groups;
    },
    identifiers: () => identifiers,
  });
}

async function* without(
  groups: AsyncIterable<StreamedGroup>,
  dropped: ReadonlySet<number>,
): AsyncGenerator<StreamedGroup> {
  let index = 0;
  for await (const group of groups) if (!dropped.has(index++)) yield group;
}
