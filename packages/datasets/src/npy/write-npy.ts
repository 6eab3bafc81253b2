/** Writes `.npy` files row by row, without knowing beforehand how many there will be. */
import { open, type FileHandle } from 'node:fs/promises';

import { npyHeader } from './npy-header.ts';

const BYTES_A_PIECE = 1 << 20;

/** Little-endian, as every processor is that this runs on. */
const ARRAYS = { uint8: Uint8Array, int32: Int32Array } as const;

type WrittenDType = keyof typeof ARRAYS;

export class NpyWriter {
  readonly #handle: FileHandle;
  readonly #dtype: WrittenDType;
  readonly #rowShape: readonly number[];
  readonly #piece: Uint8Array | Int32Array;
  #filled = 0;
  #values = 0;

  private constructor(handle: FileHandle, dtype: WrittenDType, rowShape: readonly number[]) {
    this.#handle = handle;
    this.#dtype = dtype;
    this.#rowShape = rowShape;
    this.#piece = new ARRAYS[dtype](BYTES_A_PIECE / ARRAYS[dtype].BYTES_PER_ELEMENT);
  }

  /** @param rowShape  [] for a list of numbers, [seqLen] for a list of rows. */
  static async open(
    file: string,
    dtype: WrittenDType,
    rowShape: readonly number[] = [],
  ): Promise<NpyWriter> {
    const writer = new NpyWriter(await open(file, 'w'), dtype, rowShape);
    await writer.#handle.write(npyHeader({ dtype, shape: [0, ...rowShape] }));
    return writer;
  }

  /** @param values  of the file's dtype: they are not checked. */
  async write(values: readonly number[] | Uint8Array | Int32Array): Promise<void> {
    for (let start = 0; start < values.length;) {
      if (this.#filled === this.#piece.length) await this.#flush();
      const count = Math.min(values.length - start, this.#piece.length - this.#filled);
      this.#piece.set(values.slice(start, start + count), this.#filled);
      this.#filled += count;
      start += count;
    }
    this.#values += values.length;
  }

  /** Writes what is left, and the header again with the number of rows. */
  async close(): Promise<void> {
    try {
      await this.#flush();
      const rowSize = this.#rowShape.reduce((product, axis) => product * axis, 1);
      const shape = [this.#values / rowSize, ...this.#rowShape];
      const header = npyHeader({ dtype: this.#dtype, shape });
      await this.#handle.write(header, 0, header.length, 0);
    } finally {
      await this.#handle.close();
    }
  }

  async #flush(): Promise<void> {
    const { buffer, BYTES_PER_ELEMENT } = this.#piece;
    await this.#handle.writeFile(new Uint8Array(buffer, 0, this.#filled * BYTES_PER_ELEMENT));
    this.#filled = 0;
  }
}
