/**
 * Counter-based randomness: a pure function of (seed, stream name, counter), so there is no
 * generator state to save and nothing to lose at a resume.
 */
import { hash } from 'node:crypto';

import { philox } from './philox.ts';

export interface RandomStream {
  /** A stream of its own, independent of this one: `seeds.stream('exploration', step)`. */
  stream(...path: readonly (string | number)[]): RandomStream;
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Uniform integer in [0, bound), unbiased. */
  integer(bound: number): number;
  /** A permutation of 0..n−1 (Fisher–Yates). */
  permutation(n: number): Int32Array;
  /** Fills with standard normals. */
  normals(out: Float32Array): void;
}

/** The stream of a seed: the root that all others branch from. */
export function randomStream(seed: number): RandomStream {
  return new PhiloxStream(`"eddy",${JSON.stringify(seed)}`);
}

/** Words of a block, which lie behind those of the counter. */
const BLOCK = 4;

class PhiloxStream implements RandomStream {
  /** The elements as JSON, with commas. */
  readonly #path: string;
  /** Counter and block; undefined until the first draw, since many streams only branch into others. */
  #state: Uint32Array | undefined;
  #key0 = 0;
  #key1 = 0;
  #used = BLOCK;

  constructor(path: string) {
    this.#path = path;
  }

  stream(...path: readonly (string | number)[]): RandomStream {
    let joined = this.#path;
    for (const element of path) {
      // An integer is its own JSON.
      joined += Number.isInteger(element) ? `,${element}` : `,${JSON.stringify(element)}`;
    }
    return new PhiloxStream(joined);
  }

  uniform(): number {
    return this.#word() / 0x1_0000_0000;
  }

  integer(bound: number): number {
    // Rejects the words beyond the last whole multiple of `bound`, which would favour low values. They are fewer
    // than `bound`, so that nearly every word is known to be none without a division. All unsigned, or the
    // remainders are those of doubles, which take most of a draw.
    const divisor = bound >>> 0;
    let word = this.#word();
    if (word > 0xffff_ffff - divisor) {
      const last = 0xffff_ffff - ((-divisor >>> 0) % divisor);
      while (word > last) word = this.#word();
    }
    return (word >>> 0) % divisor;
  }

  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }

  normals(out: Float32Array): void {
    // Box–Muller on (0, 1] so that the logarithm is finite.
    for (let i = 0; i < out.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log((this.#word() + 1) / 0x1_0000_0000));
      const angle = 2 * Math.PI * this.uniform();
      out[i] = radius * Math.cos(angle);
      if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
    }
  }

  #word(): number {
    if (this.#used === BLOCK) this.#nextBlock();
    return this.#state![BLOCK + this.#used++]!;
  }

  #nextBlock(): void {
    const state = (this.#state ??= this.#begin());
    philox(state, this.#key0, this.#key1, state, BLOCK);
    state[0]! += 1; // modulo 2³², as the array keeps it
    if (state[0] === 0) state[1]! += 1;
    this.#used = 0;
  }

  /**
   * The path names the stream: its hash is the key and the upper half of the counter, so that streams
   * cannot overlap.
   */
  #begin(): Uint32Array {
    const digest = hash('sha256', `[${this.#path}]`, 'binary');
    this.#key0 = wordAt(digest, 0);
    this.#key1 = wordAt(digest, 4);
    const state = new Uint32Array(2 * BLOCK);
    state[2] = wordAt(digest, 8);
    state[3] = wordAt(digest, 12);
    return state;
  }
}

/** The unsigned 32-bit word, low byte first, that begins at a byte of a binary string. */
function wordAt(bytes: string, at: number): number {
  const low = bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8);
  const high = bytes.charCodeAt(at + 2) | (bytes.charCodeAt(at + 3) << 8);
  return (low | (high << 16)) >>> 0;
}
