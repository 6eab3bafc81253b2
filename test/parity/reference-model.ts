/** A model case of the fixtures as ours: weights, batches, and its step on an engine. */
import { fromStateDict, toStateDict } from '@eddy/core/checkpoint';
import type { Model } from '@eddy/core';
import { type HostTensor, type HostTree } from '@eddy/tensor';
import { stepProgram } from '@eddy/core/testing';

import type { ParityEngine } from './case-handler.ts';
import type { Fixture, FixtureTensor } from './fixture.ts';
import { modelOf } from './reference-arch.ts';
import { compileProgram, type CompiledProgram } from './run-program.ts';

/** Names of carry tensors here and in the reference. */
export const CARRIED = [
  ['steps', 'steps'],
  ['halted', 'halted'],
  ['inputs', 'current_data/inputs'],
  ['labels', 'current_data/labels'],
  ['puzzleIdentifiers', 'current_data/puzzle_identifiers'],
] as const;

/** What a step gave, on the host. */
export interface StepValues {
  readonly loss: number;
  readonly metrics: HostTree;
  readonly outputs: HostTree;
  readonly carry: HostTree;
  /** By the reference's names and in its layout; empty in evaluation. */
  readonly gradients: HostTree;
  /** Rows of the puzzle table in work, and their gradients in training. */
  readonly rows: HostTree;
  readonly rowGradients: HostTree;
}

export class ReferenceModel {
  readonly model: Model;
  readonly batchSize: number;
  readonly #fixture: Fixture;
  readonly #engine: ParityEngine;
  readonly #seqLen: number;
  readonly #weights: HostTree;
  readonly #compiled = new Map<boolean, CompiledProgram>();

  constructor(fixture: Fixture, engine: ParityEngine) {
    this.#fixture = fixture;
    this.#engine = engine;
    const { config } = fixture.json;
    this.#seqLen = config.seq_len;
    this.batchSize = config.batch_size;
    this.model = modelOf(config);
    const stateDict = mapTree(fixture.tensorsUnder('init/'), hostTensor);
    this.#weights = fromStateDict(this.model, stateDict);
  }

  batch(t: number): HostTree {
    const tensor = (name: string) => hostTensor(this.#fixture.tensor(`batch${t}/${name}`));
    return {
      inputs: tensor('inputs'),
      labels: tensor('labels'),
      puzzleIdentifiers: tensor('puzzle_identifiers'),
    };
  }

  /** The fixture's first carry: latents that must have no effect, every slot halted. */
  carryIn(): HostTree {
    return { ...this.model.initialCarry(this.batchSize), ...this.#latents('carry_in') };
  }

  /** The carry that the reference returned from a step. */
  carryAfter(t: number): HostTree {
    const at = `step${t}/carry`;
    const others = CARRIED.map(([ours, theirs]) => [
      ours,
      hostTensor(this.#fixture.tensor(`${at}/${theirs}`)),
    ]);
    return { ...this.#latents(at), ...Object.fromEntries(others) };
  }

  /** Admits a batch and runs one supervision step, with all gradients in training. */
  async step(carry: HostTree, batch: HostTree, training: boolean): Promise<StepValues> {
    // The fixtures were made without exploration.
    const minSteps = new Int32Array(this.batchSize);
    const inputs: HostTree = {
      ...this.#weights,
      ...prefixed('carry/', carry),
      ...prefixed('batch/', batch),
      'noise/minSteps': { shape: [this.batchSize], dtype: 'int32', data: minSteps },
    };
    let compiled = this.#compiled.get(training);
    if (compiled === undefined) {
      const { batchSize } = this;
      const seqLen = this.#seqLen;
      // Rows without labels count there.
      const options = { batchSize, seqLen, training, countsPadding: true };
      const program = stepProgram(this.model, options);
      compiled = await compileProgram(program, this.#engine);
      this.#compiled.set(training, compiled);
    }
    const result = await compiled.run(inputs);
    return {
      loss: result['loss']!.data[0]!,
      metrics: under('metrics/', result),
      outputs: under('outputs/', result),
      carry: under('carry/', result),
      gradients: toStateDict(this.model, prefixed('parameters/', under('gradients/', result))),
      rows: under('rows/', result),
      rowGradients: under('rowGradients/', result),
    };
  }

  async dispose(): Promise<void> {
    for (const compiled of this.#compiled.values()) await compiled.dispose();
    this.#compiled.clear();
  }

  #latents(at: string): HostTree {
    const specs = this.model.carry(this.batchSize);
    const latents = latentsOf(this.model).map((name) => [
      name,
      { ...specs[name]!, data: sequenceFirst(this.#fixture.tensor(`${at}/${name}`)) },
    ]);
    return Object.fromEntries(latents) as HostTree;
  }
}

/** Latents of the carry, [L, B, D] here and [B, L, D] in the reference. */
export function latentsOf(model: Model): string[] {
  return Object.keys(model.carryBatchAxis).filter((name) => name.startsWith('z_'));
}

/** [B, L, D] of the reference to our [L, B, D]. */
export function sequenceFirst({ shape, data }: FixtureTensor): Float32Array {
  const [B, L, D] = shape as [number, number, number];
  const swapped = new Float32Array(data.length);
  for (let b = 0; b < B; b++) {
    for (let l = 0; l < L; l++) {
      swapped.set(data.subarray((b * L + l) * D, (b * L + l + 1) * D), (l * B + b) * D);
    }
  }
  return swapped;
}

export function hostTensor({ shape, data, dtype }: FixtureTensor): HostTensor {
  if (data instanceof Int32Array) return { shape, dtype: 'int32', data };
  if (dtype === 'BOOL') return { shape, dtype: 'bool', data: data as Uint8Array };
  return { shape, dtype: 'float32', data: Float32Array.from(data) };
}

function under<T>(prefix: string, tree: Readonly<Record<string, T>>): Record<string, T> {
  const names = Object.keys(tree).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), tree[name]!]));
}

function prefixed<T>(prefix: string, tree: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [prefix + name, value]));
}

function mapTree<A, B>(
  tree: Readonly<Record<string, A>>,
  f: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, f(value, name)]));
}
