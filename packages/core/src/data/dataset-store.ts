/**
 * A dataset in a folder: `<split>.arrow` (one row an example), `dataset.json`, `identifiers.json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { freeBytes } from '../files/free-bytes.ts';
import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import type {
  DatasetMetadata,
  DatasetSource,
  MetadataWithoutSizes,
  StreamedGroup,
  Split,
  SplitMetadata,
} from '../contracts/dataset.ts';
import { bytesOfExample } from './example-bytes.ts';
import { datasetDamaged, datasetTooLarge, unreadableDataset, splitMissing } from './errors.ts';
import { openSplitFile } from './split-file.ts';
import { SplitThread } from './split-thread.ts';

/** Part of the keys of stored datasets: a new layout does not meet old folders. */
export const DATASET_FORMAT = 'eddy-dataset/1';

/** A built dataset, as stages hand it on. */
export interface StoredDataset {
  readonly folder: string;
  readonly metadata: DatasetMetadata;
  /** index → name of puzzle identifiers, [0] = "<blank>". */
  identifiers(): Promise<readonly string[]>;
  /**
   * Reads a split; the second call returns the same one.
   *
   * @throws SPLIT_MISSING, DATASET_DAMAGED
   * @memory the split and one record batch while it reads.
   */
  open(split: string): Promise<Split>;
}

/** `dataset.json`. */
interface DatasetFile extends DatasetMetadata {
  /** sha256 of each split's Arrow file. */
  readonly sha256: Readonly<Record<string, string>>;
}

/**
 * Tokens of a split, of which a thread of its own checks, hashes and writes them while the next are made; below
 * that its start (30 ms of a core) takes what it saves.
 */
const THREAD_BYTES = 1 << 26;

const SPLIT_NAME = /^\w[\w.-]*$/;

/** What goes into a dataset. */
export interface DatasetContent {
  readonly metadata: MetadataWithoutSizes;
  readonly splits: readonly string[];
  groups(split: string): AsyncIterable<StreamedGroup>;
  /** The number of examples, or a bound, where it is known before they are streamed. */
  numExamples?(split: string): number | undefined;
  /** Called after the splits were streamed. */
  identifiers(): readonly string[];
  /** Examples written so far of a split. */
  progress?(split: string, examples: number): void;
}

/** All that a source has. */
export function contentOf(source: DatasetSource, signal: AbortSignal): DatasetContent {
  return {
    metadata: source.metadata(),
    splits: source.splits,
    numExamples: (split) => source.expectedSizes?.()[split]?.numExamples,
    groups: (split) => source.groups(split, signal),
    identifiers: () => source.identifiers(),
  };
}

/**
 * Streams splits into a folder, then writes its metadata.
 *
 * @throws EXAMPLE_REFUSED when an example does not fit the metadata; DATASET_EMPTY; DATASET_TOO_LARGE before
 *   anything is made, where the disk has no room for what is known of its size
 */
export async function writeDataset(
  folder: string,
  content: DatasetContent,
): Promise<StoredDataset> {
  const { writeSplit } = await import('./arrow-writer.ts');
  const { seqLen, vocabSize } = content.metadata;
  await mkdir(folder, { recursive: true });
  await requireRoom(folder, content);
  const splits: Record<string, SplitMetadata> = {};
  const sha256: Record<string, string> = {};
  const thread = new SplitThread();
  try {
    for (const split of content.splits) {
      const file = path.join(folder, `${split}.arrow`);
      const isLarge = 2 * seqLen * (content.numExamples?.(split) ?? 0) >= THREAD_BYTES;
      const opened = isLarge ? thread.open(file, vocabSize) : await openSplitFile(file, vocabSize);
      const written = await writeSplit(opened, {
        split,
        metadata: content.metadata,
        groups: content.groups(split),
        progress: (examples) => content.progress?.(split, examples),
      });
      splits[split] = written.sizes;
      sha256[split] = written.sha256;
    }
  } finally {
    await thread.end();
  }
  const identifiers = content.identifiers();
  const metadata: DatasetFile = {
    ...content.metadata,
    numPuzzleIdentifiers: identifiers.length,
    splits,
    sha256,
  };
  await writeFile(path.join(folder, 'identifiers.json'), JSON.stringify(identifiers));
  await writeFile(path.join(folder, 'dataset.json'), `${JSON.stringify(metadata, null, 2)}\n`);
  return storedDataset(folder, metadata);
}

/** @throws DATASET_TOO_LARGE */
async function requireRoom(folder: string, content: DatasetContent): Promise<void> {
  const counts = content.splits.map((split) => content.numExamples?.(split) ?? 0);
  const examples = counts.reduce((sum, count) => sum + count, 0);
  const bytes = examples * bytesOfExample(content.metadata.seqLen);
  const free = await freeBytes(folder);
  if (free !== undefined && bytes > free) {
    throw datasetTooLarge({ folder, examples, bytes, freeBytes: free });
  }
}

/** Opens a folder that `writeDataset` made. @throws DATASET_DAMAGED */
export async function openDataset(folder: string): Promise<StoredDataset> {
  return storedDataset(folder, await readDatasetFile(folder));
}

/** Reads the metadata of a stored dataset. @throws DATASET_DAMAGED */
export async function readDatasetFile(folder: string): Promise<DatasetFile> {
  const file = path.join(folder, 'dataset.json');
  let metadata: DatasetFile;
  try {
    metadata = JSON.parse(await readInputText(file, JSON_LIMIT)) as DatasetFile;
  } catch (error) {
    throw unreadableDataset(file, error);
  }
  if (!isDatasetFile(metadata)) throw datasetDamaged(file, 'not the metadata of a dataset');
  return metadata;
}

function storedDataset(folder: string, { sha256, ...metadata }: DatasetFile): StoredDataset {
  const opened = new Map<string, Promise<Split>>();
  return {
    folder,
    metadata,
    async identifiers() {
      const file = path.join(folder, 'identifiers.json');
      try {
        return JSON.parse(await readInputText(file, JSON_LIMIT)) as string[];
      } catch (error) {
        throw unreadableDataset(file, error);
      }
    },
    open(split) {
      const sizes = metadata.splits[split];
      if (sizes === undefined) {
        return Promise.reject(splitMissing(folder, split, Object.keys(metadata.splits)));
      }
      const file = path.join(folder, `${split}.arrow`);
      const promised = { split, metadata, sizes, sha256: sha256[split] };
      // What reads and writes Arrow is loaded when it is needed.
      const read =
        opened.get(split) ??
        import('./arrow-reader.ts').then(({ readSplit }) => readSplit(file, promised));
      opened.set(split, read);
      return read;
    },
  };
}
function isDatasetFile(value: unknown): value is DatasetFile {
  const counts = (object: unknown, keys: readonly string[]) =>
    typeof object === 'object' &&
    object !== null &&
    keys.every((key) => {
      const count = (object as Record<string, unknown>)[key];
      return typeof count === 'number' && Number.isFinite(count) && count >= 0;
    });
  if (!counts(value, ['vocabSize', 'seqLen', 'numPuzzleIdentifiers', 'padId'])) return false;
  const { splits, sha256 } = value as { splits?: unknown; sha256?: unknown };
  if (typeof splits !== 'object' || splits === null) return false;
  if (typeof sha256 !== 'object' || sha256 === null) return false;
  // A split's name is a part of its file's name.
  if (!Object.keys(splits).every((name) => SPLIT_NAME.test(name))) return false;
  return Object.values(splits).every((split) =>
    counts(split, ['numGroups', 'numPuzzles', 'numExamples', 'meanPuzzleExamples']),
  );
}
