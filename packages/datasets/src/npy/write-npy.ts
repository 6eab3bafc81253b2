/** Writes `.npy` files row by row, without knowing beforehand how many there will be. */
import { open, type FileHandle } from 'node:fs/promises';

import { BYTES_PER_VALUE, npyHeader, type NpyDType } from './npy-header.ts';

const BYTES_A_PIECE = 1 << 20;

export class NpyWriter {
  readonly #handle: FileHandle;
  readonly #dtype: NpyDType;
  readonly #rowShape: readonly number[];
  readonly #piece = Buffer.alloc(BYTES_A_PIECE);
  #filled = 0;
  #values = 0;

  private constructor(handle: FileHandle, dtype: NpyDType, rowShape: readonly number[]) {
    this.#handle = handle;
    this.#dtype = dtype;
    this.#rowShape = rowShape;
  }

  /** @param rowShape  [] for a list of numbers, [seqLen] for a list of rows. */
  static async open(
    file: string,
    dtype: 'uint8' | 'int32',
    rowShape: readonly number[] = [],
  ): Promise<NpyWriter> {
    const writer = new NpyWriter(await open(file, 'w'), dtype, rowShape);
    await writer.#handle.write(npyHeader({ dtype, shape: [0, ...rowShape] }));
    return writer;
  }

  async write(values: ArrayLike<number>): Promise<void> {
    const size = BYTES_PER_VALUE[this.#dtype];
    for (let i = 0; i < values.length; i++) {
      if (this.#filled + size > BYTES_A_PIECE) await this.#flush();
      this.#filled =
        size === 1
          ? this.#piece.writeUInt8(values[i]!, this.#filled)
          : this.#piece.writeInt32LE(values[i]!, this.#filled);
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
    await this.#handle.writeFile(this.#piece.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
