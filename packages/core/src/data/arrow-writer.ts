/** Groups → an Arrow IPC file, a record batch at a time. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

import type { RecordBatch } from 'apache-arrow';

import { arrow } from './arrow.ts';
import type { MetadataWithoutSizes, StreamedGroup, SplitMetadata } from './dataset.ts';
import { datasetEmpty } from './errors.ts';
import { SplitColumns } from './split-columns.ts';

export interface WrittenSplit {
  readonly sizes: SplitMetadata;
  readonly sha256: string;
}

/**
 * Streams a split into a file.
 *
 * @throws EXAMPLE_REFUSED when an example does not fit the metadata; DATASET_EMPTY
 * @memory two record batches: one is filled while the other is written.
 */
export async function writeSplit(
  file: string,
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
  let filling = new SplitColumns(split, metadata);
  let writing = new SplitColumns(split, metadata);
  const out = await ArrowFile.open(file);
  const flush = async () => {
    await out.write(filling.takeBatch(numExamples - filling.filled));
    [filling, writing] = [writing, filling];
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
    await out.close();
  }
}

/** An Arrow IPC file that is written while the next record batch is made. */
class ArrowFile {
  readonly #handle: FileHandle;
  readonly #encoded = new EncodedBytes();
  readonly #encoder = new arrow.RecordBatchFileWriter({ autoDestroy: false });
  readonly #hash = createHash('sha256');
  #written = Promise.resolve();

  private constructor(handle: FileHandle) {
    this.#handle = handle;
    this.#encoder.reset(this.#encoded);
  }

  static async open(file: string): Promise<ArrowFile> {
    return new ArrowFile(await open(file, 'w'));
  }

  /** @param batch  must not change before the next call has been waited for. */
  async write(batch: RecordBatch): Promise<void> {
    this.#encoder.write(batch);
    await this.#flush();
  }

  /** @returns the sha256 of the file. */
  async finish(): Promise<string> {
    this.#encoder.finish();
    await this.#flush();
    await this.#written;
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#written.catch(() => undefined);
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    const chunks = this.#encoded.take();
    await this.#written;
    this.#written = writeAll(this.#handle, chunks);
    this.#written.catch(() => undefined); // heard of at the next flush
    for (const chunk of chunks) this.#hash.update(chunk);
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks);
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  // The system may take a part; the rest tells why.
  if (bytesWritten < size) await handle.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
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
