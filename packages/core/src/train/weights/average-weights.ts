/** A weighted mean of the weights of several checkpoints. */
import type { HostTensor, HostTree } from '@eddy/tensor/spec';
import { averageAlphasInvalid, weightsMismatch } from './errors.ts';
import type { StoredWeights } from './stored-weights.ts';

/** α may be off from a sum of 1 by so much: people write 0.333. */
const SUM_TOLERANCE = 1e-2;

/** α for each of `count` checkpoints: equal shares by default, else as given, scaled to a sum of 1. */
export function alphasFor(count: number, given: readonly number[] | undefined): readonly number[] {
  if (given === undefined) return Array.from({ length: count }, () => 1 / count);
  const sum = given.reduce((total, alpha) => total + alpha, 0);
  if (given.length !== count || !(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
    throw averageAlphasInvalid({ count, given, sum });
  }
  return given.map((alpha) => alpha / sum);
}

/**
 * Σ αᵢ·wᵢ of parameters, buffers and tables, source by source, so that one of them is in memory at a
 * time. Sums are float64.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 pretrain.py `mix_weights_direct`
 */
export class WeightedMean {
  readonly #sums = new Map<string, { shape: readonly number[]; values: Float64Array }>();
  #first: Pick<StoredWeights, 'path' | 'identifiers'> | undefined;

  /** @throws WEIGHTS_MISMATCH when tensors, shapes or identifiers differ from those of the first source */
  add(source: StoredWeights, alpha: number): void {
    if (this.#first === undefined) {
      this.#first = source;
      for (const [name, { shape, data }] of Object.entries(source.tree)) {
        this.#sums.set(name, { shape, values: new Float64Array(data.length) });
      }
    }
    this.#requireSame(source);
    for (const [name, { values }] of this.#sums) {
      const { data } = source.tree[name]!;
      for (let i = 0; i < values.length; i++) values[i]! += alpha * data[i]!;
    }
  }

  tree(): HostTree {
    return Object.fromEntries(
      [...this.#sums].map(([name, { shape, values }]): [string, HostTensor] => [
        name,
        { shape, dtype: 'float32', data: Float32Array.from(values) },
      ]),
    );
  }

  #requireSame({ path, tree, identifiers }: StoredWeights): void {
    const differences: string[] = [];
    const describe = (shape: readonly number[] | undefined) =>
      shape === undefined ? 'absent' : `[${shape.join(',')}]`;
    for (const name of new Set([...this.#sums.keys(), ...Object.keys(tree)])) {
      const [expected, received] = [this.#sums.get(name)?.shape, tree[name]?.shape].map(describe);
      if (expected !== received) {
        differences.push(`${name}: expected ${expected}, received ${received}`);
      }
    }
    const names = this.#first!.identifiers;
    if (names !== undefined && identifiers !== undefined) {
      const row = names.findIndex((name, index) => name !== identifiers[index]);
      if (row !== -1) {
        const received = identifiers[row] ?? 'none';
        differences.push(`identifier ${row}: expected ${names[row]!}, received ${received}`);
      }
    }
    if (differences.length > 0) throw weightsMismatch(path, differences);
  }
}
