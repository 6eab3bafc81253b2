/** What a rank has of a device tree that is spread over all of them. */
import { partOf, wholeOf } from '@eddy/compiler/graph';
import type { HostTensor, HostTree, Share, TensorSpec } from '@eddy/tensor';
import { zeros } from '@eddy/tensor/spec';

import type { HostGroup } from '../mpi/group.ts';
import type { HostedDeviceTree } from '../process/device-tree.ts';
import { cut, join } from '../process/parts.ts';
import type { HostData, NamedSpec } from '../process/protocol.ts';

/** Whole on each rank; or what each has of the whole. */
export type Layout = 'each' | Share;

export class RankTree {
  readonly #group: HostGroup;
  /** The tree on this rank's engine. */
  readonly tree: HostedDeviceTree;
  /** Whole ones that no program has wanted yet: the first one says what each rank needs of them. */
  readonly #pending = new Map<string, HostTensor>();
  readonly #layouts = new Map<string, Layout>();

  constructor(group: HostGroup, tree: HostedDeviceTree) {
    this.#group = group;
    this.tree = tree;
  }

  /** Returns true if a tensor is spread over the ranks, so that all must take part in reading it. */
  isCut(name: string): boolean {
    const layout = this.#layouts.get(name);
    return layout !== undefined && layout !== 'each';
  }

  write(
    tensors: HostTree,
    zeroSpecs: readonly NamedSpec[],
    copies: Readonly<Record<string, string>>,
  ): void {
    const written: [string, HostTensor][] = [
      // Whoever gave them may use their memory again.
      ...Object.entries(tensors).map(
        ([name, tensor]) =>
          [name, { ...tensor, data: tensor.data.slice() }] as [string, HostTensor],
      ),
      ...zeroSpecs.map(({ name, spec }) => [name, zeros(spec)] as [string, HostTensor]),
    ];
    for (const [name, tensor] of written) this.#pending.set(name, tensor);
    for (const [name, source] of Object.entries(copies)) {
      this.#pending.set(name, this.#pending.get(source)!);
    }
    this.#freeOwn([...written.map(([name]) => name), ...Object.keys(copies)]);
  }

  /**
   * Brings tensors where a program wants them. All ranks do it together, up to what each writes alone: that is
   * under way then.
   */
  async arrange(
    wanted: readonly (readonly [name: string, layout: Layout])[],
  ): Promise<{ readonly written: Promise<void> }> {
    const making: Promise<readonly [string, HostTensor]>[] = [];
    for (const [name, layout] of wanted) {
      const pending = this.#pending.get(name);
      const now = this.#layouts.get(name);
      if (pending === undefined && now === layout) continue;
      const whole = pending ?? (now === 'each' ? this.#readOwn(name) : await this.#joined(name));
      const part = Promise.resolve(whole).then(
        (tensor) => [name, partOfRank(tensor, layout, this.#group)] as const,
      );
      part.catch(ignoreDeath); // heard of below
      making.push(part);
      this.#pending.delete(name);
      this.#layouts.set(name, layout);
    }
    const written = Promise.all(making).then((parts) =>
      parts.length === 0 ? undefined : this.tree.write(Object.fromEntries(parts)),
    );
    written.catch(ignoreDeath); // heard of by whoever runs the program
    return { written };
  }

  /** Whole tensors, on rank 0; the others take part where one is cut. */
  async read(names: readonly string[]): Promise<HostTree> {
    const placed = names.filter((name) => !this.#pending.has(name));
    const mine = placed.filter((name) => this.#group.rank === 0 || this.isCut(name));
    const reading = this.tree.read(mine);
    const isCut = placed.some((name) => this.isCut(name));
    const own = isCut ? await this.#group.agree(reading) : await reading;
    const whole: Record<string, HostTensor> = {};
    for (const name of names) {
      if (this.isCut(name)) {
        const parts = await this.#group.gather(bytesOf(own[name]!.data));
        if (this.#group.rank === 0) whole[name] = this.#join(name, own[name]!, parts);
      } else if (this.#group.rank === 0) {
        whole[name] = this.#pending.get(name) ?? own[name]!;
      }
    }
    return whole;
  }

  free(names: readonly string[] | null): void {
    for (const name of names ?? [...this.#pending.keys()]) this.#pending.delete(name);
    this.#freeOwn(names ?? [...this.#layouts.keys()]);
  }

  /** @returns the whole, on every rank */
  async #joined(name: string): Promise<HostTensor> {
    const own = await this.#group.agree(this.#readOwn(name));
    return this.#join(name, own, await this.#group.tellBytes(bytesOf(own.data)));
  }

  async #readOwn(name: string): Promise<HostTensor> {
    return (await this.tree.read([name]))[name]!;
  }

  #join(name: string, own: HostTensor, parts: readonly Uint8Array[]): HostTensor {
    const share = this.#layouts.get(name) as Share;
    return joinParts(own, parts, share);
  }

  #freeOwn(names: readonly string[]): void {
    const placed = names.filter((name) => this.#layouts.delete(name));
    if (placed.length > 0) this.tree.dispose(placed).catch(ignoreDeath);
  }
}

type Place = Pick<HostGroup, 'rank' | 'size'>;

/** Returns the part of a tensor that a rank gets. */
export function partOfRank(tensor: HostTensor, layout: Layout, { rank, size }: Place): HostTensor {
  if (layout === 'each') return tensor;
  const spec: TensorSpec = partOf(tensor, layout, size);
  const { shape, dtype } = spec;
  return { shape, dtype, data: cut(tensor.data, tensor.shape, layout, size)[rank]! };
}

/** The tensor of which the ranks have these parts. @param own  of any of them */
export function joinParts(own: HostTensor, parts: readonly Uint8Array[], share: Share): HostTensor {
  const { shape, dtype } = wholeOf(own, share, parts.length);
  const data = join(
    parts.map((part) => likeThat(part, own.data)),
    shape,
    share,
  );
  return { shape, dtype, data };
}

export function bytesOf({ buffer, byteOffset, byteLength }: HostData): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function likeThat(bytes: Uint8Array, data: HostData): HostData {
  const { buffer, byteOffset, byteLength } = bytes;
  const length = byteLength / data.BYTES_PER_ELEMENT;
  return new (data.constructor as Float32ArrayConstructor)(
    buffer as ArrayBuffer,
    byteOffset,
    length,
  );
}

/** Whoever waits for something else of the process is told. */
export function ignoreDeath(): void {
  // Nothing is lost with what was to be freed.
}
