/** Numbers that grow at their end, without an object for each. */
export class Column {
  #data = new Float64Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The numbers so far; valid until the next change. */
  get values(): Float64Array {
    return this.#data.subarray(0, this.#length);
  }

  get last(): number | undefined {
    return this.#length === 0 ? undefined : this.#data[this.#length - 1];
  }

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#length++] = value;
  }

  /** Lengthens the column with NaN, or cuts it. */
  resize(length: number): void {
    while (this.#length < length) this.push(NaN);
    this.#length = length;
  }
}

/** Returns the index of the first of ascending `values` that is at least `value`. */
export function lowerBound(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
