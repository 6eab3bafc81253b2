/** Groups → an Arrow IPC file, a record batch at a time. */
import { setImmediate } from 'node:timers/promises';

import { arrow } from './arrow.ts';
import type { MetadataWithoutSizes, StreamedGroup, SplitMetadata } from '../contracts/dataset.ts';
import { datasetEmpty } from './errors.ts';
import { SplitColumns } from './split-columns.ts';
import type { SplitFile } from './split-file.ts';

export interface WrittenSplit {
  readonly sizes: SplitMetadata;
  readonly sha256: string;
}

/** So many may wait to be written, because the disk is slow or the thread just starts. */
const BATCHES_AHEAD = 6;

/**
 * Streams a split into a file and closes it.
 *
 * @throws EXAMPLE_REFUSED when an example does not fit the metadata; DATASET_EMPTY
 * @memory record batches of 2 MiB: one or two where writing keeps up, never more than 1 + `BATCHES_AHEAD`; a thread
 *   has a copy of each.
 */
export async function writeSplit(
  file: SplitFile,
  content: {
    readonly split: string;
    readonly metadata: MetadataWithoutSizes;
    readonly groups: AsyncIterable<StreamedGroup>;
    /** Examples written so far. */
    progress(examples: number): void;
  },
): Promise<WrittenSplit> {
  const { split, metadata } = content;
  let [numGroups, numPuzzles, numExamples] = [0, 0, 0];
  const out = new ArrowFile(file);
  let filling = new SplitColumns(split, metadata);
  const flush = async () => {
    const written = await out.write(filling, numExamples - filling.filled);
    filling = written ?? new SplitColumns(split, metadata);
    content.progress(numExamples);
  };
  try {
    for await (const group of content.groups) {
      for (const { identifier, examples } of group.puzzles) {
        const place = { puzzle: numPuzzles, group: numGroups, identifier };
        for (const example of examples) {
          filling.add(example, place, numExamples);
          numExamples += 1;
          if (filling.isFull) await flush();
        }
        numPuzzles += 1;
      }
      numGroups += 1;
    }
    if (numExamples === 0) throw datasetEmpty(split);
    if (filling.filled > 0) await flush();
    const sha256 = await out.finish();
    const meanPuzzleExamples = numExamples / numPuzzles;
    return { sizes: { numGroups, numPuzzles, numExamples, meanPuzzleExamples }, sha256 };
  } finally {
    await file.close();
  }
}

/** Encodes record batches and has them written. */
class ArrowFile {
  readonly #file: SplitFile;
  readonly #encoded = new EncodedBytes();
  readonly #encoder = new arrow.RecordBatchFileWriter({ autoDestroy: false });
  /** Batches that are on their way or failed, oldest first. */
  readonly #ahead = new Set<Promise<void>>();
  /** Columns that were written. */
  readonly #spare: SplitColumns[] = [];

  constructor(file: SplitFile) {
    this.#file = file;
    this.#encoder.reset(this.#encoded);
  }

  /**
   * @param columns  not to be added to any more.
   * @param firstIndex  of these rows in the split.
   * @returns empty ones that were written before, where there are some.
   * @throws EXAMPLE_REFUSED when a token of an earlier batch is not of the vocabulary
   */
  async write(columns: SplitColumns, firstIndex: number): Promise<SplitColumns | undefined> {
    const { batch, tokens } = columns.batch();
    this.#encoder.write(batch);
    const encoded = { chunks: this.#encoded.take(), tokens };
    const written: Promise<void> = this.#file.write(encoded).then((stray) => {
      if (stray !== undefined) throw columns.refusal(stray, firstIndex);
      columns.clear();
      this.#spare.push(columns);
      this.#ahead.delete(written);
    });
    written.catch(() => undefined); // heard of when it is the oldest, or at the end
    this.#ahead.add(written);
    // Lets the thread, and whoever stops the run, be heard.
    await setImmediate();
    const [oldest] = this.#ahead;
    if (this.#ahead.size > BATCHES_AHEAD) await oldest;
    return this.#spare.pop();
  }

  /** @returns the sha256 of the file. @throws as `write` does */
  async finish(): Promise<string> {
    await Promise.all(this.#ahead);
    this.#encoder.finish();
    await this.#file.write({ chunks: this.#encoded.take(), tokens: [] });
    return this.#file.finish();
  }
}

/**
 * Where an Arrow writer puts its bytes, views of the columns among them. (Its own Node stream rejects
 * a promise that nobody holds when the source fails.)
 */
class EncodedBytes extends arrow.AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}
