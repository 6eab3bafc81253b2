/** A safetensors file of tensors that come a few rows at a time, however many there will be. */
import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { InternalError } from '@eddy/tensor/errors';
import { syncFolder } from '../files/durable.ts';
import { sizeOf, type HostTree, type TensorSpec } from '@eddy/tensor/spec';
import { encodeHeader, orderOfTensors } from './safetensors.ts';

interface Column {
  readonly spec: TensorSpec;
  readonly path: string;
  readonly descriptor: number;
}

/**
 * In a safetensors file each tensor lies in one piece, so rows wait in a file of their tensor until
 * the last has come. Memory holds one call's rows; the disk, for the moment of `finish`, twice the file.
 */
export class SafetensorsRows {
  readonly #path: string;
  readonly #columns = new Map<string, Column>();
  #rows = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * @param tree  the same tensors at every call, axis 0 the rows
   * @param count  rows to take, the first of each tensor
   */
  append(tree: HostTree, count: number): void {
    for (const [name, { shape, dtype, data }] of Object.entries(tree)) {
      const spec = { shape: shape.slice(1), dtype };
      const column = this.#columns.get(name) ?? this.#open(name, spec);
      const size = sizeOf(spec.shape);
      if (column.spec.dtype !== dtype || sizeOf(column.spec.shape) !== size) {
        throw new InternalError(
          `rows of ${name} changed from ${sizeOf(column.spec.shape)} to ${size}`,
        );
      }
      const rows = data.subarray(0, count * size);
      const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
      for (let written = 0; written < bytes.length;) {
        written += writeSync(column.descriptor, bytes, written);
      }
    }
    this.#rows += count;
  }

  /** Puts the rows together at the path, replacing what is there. */
  async finish(metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    const specs = Object.fromEntries(
      [...this.#columns].map(([name, { spec }]) => [
        name,
        { ...spec, shape: [this.#rows, ...spec.shape] },
      ]),
    );
    const names = orderOfTensors(specs);
    const whole = `${this.#path}.whole`;
    const file = await open(whole, 'w');
    try {
      await file.writeFile(encodeHeader(names, specs, metadata));
      for (const name of names) await appendFile(file, this.#columns.get(name)!);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(whole, this.#path);
    await syncFolder(dirname(this.#path));
    this.discard();
  }

  /** Removes the rows that wait. */
  discard(): void {
    for (const { path, descriptor } of this.#columns.values()) {
      closeSync(descriptor);
      rmSync(path, { force: true });
    }
    this.#columns.clear();
    this.#rows = 0;
  }

  #open(name: string, spec: TensorSpec): Column {
    if (this.#rows > 0) throw new InternalError(`${name} came after the first rows`);
    const path = `${this.#path}.${this.#columns.size}.rows`;
    const column = { spec, path, descriptor: openSync(path, 'w+') };
    this.#columns.set(name, column);
    return column;
  }
}

async function appendFile(file: FileHandle, { path }: Column): Promise<void> {
  await pipeline(createReadStream(path), async function (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      for (let written = 0; written < chunk.length;) {
        written += (await file.write(chunk, written)).bytesWritten;
      }
    }
  });
}
