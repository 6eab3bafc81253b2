/** A program as one rank runs it: in parts, with what all ranks exchange in between. */
import { rmSync } from 'node:fs';

import type { HostTensor, HostTree } from '@eddy/tensor';

import type { HostGroup } from '../mpi/group.ts';
import type { HostedExecutable } from '../process/executable.ts';
import type { SharedTensors } from '../process/protocol.ts';
import { createMemoryFile } from '../process/shared-memory.ts';
import { exchangeLayout, type ExchangeLayout } from './exchange-layout.ts';
import type { RanksProgram, RunOrder } from './orders.ts';
import { bytesOf, ignoreDeath, joinParts, partOfRank, type RankTree } from './rank-tree.ts';
import type { Sent } from './send-queue.ts';

/** Waits for work, and for the other ranks to have come as far. */
export type Agree = <T>(work: Promise<T>) => Promise<T>;

export class RankExecutable {
  readonly parts: readonly HostedExecutable[];
  readonly #group: HostGroup;
  readonly #program: RanksProgram;
  readonly #agree: Agree;
  /** One a part, one after the other in the same memory. */
  readonly #layouts: readonly ExchangeLayout[];
  /** Made for the first run that exchanges something. */
  #memory: string | undefined;

  constructor(
    group: HostGroup,
    program: RanksProgram,
    parts: readonly HostedExecutable[],
    agree: Agree,
  ) {
    this.#group = group;
    this.#program = program;
    this.parts = parts;
    this.#agree = agree;
    const layouts: ExchangeLayout[] = [];
    for (const { outputs } of parts) {
      const brought = program.exchanges.filter(({ name }) => Object.hasOwn(outputs, name));
      layouts.push(exchangeLayout(brought, outputs, group.size, layouts.at(-1)?.end ?? 0));
    }
    this.#layouts = layouts;
  }

  /** All ranks do it together. @returns what is fetched, on rank 0 */
  async run(tree: RankTree, { inputs, bind, fetch }: RunOrder): Promise<Sent<HostTree>> {
    const { signature, shares } = this.#program;
    const wanted = Object.keys(signature.state).map(
      (name) => [bind[name] ?? name, shares.state[name] ?? 'each'] as const,
    );
    const { written } = await tree.arrange(wanted);
    const own = this.#ownInputs(inputs);
    const parts = this.#neededParts(fetch);
    const ready = await settled(written.then(() => this.#prepareMemory(parts.length)));
    const answers: Promise<HostTree>[] = [];
    for (const [i, part] of parts.entries()) {
      const options = { bind, fetch: this.#fetchedOf(part, fetch) };
      const answer =
        ready instanceof Failed
          ? Promise.reject(ready.error)
          : part.run(tree.tree, ownOf(own, part), options, this.#sharedOf(part));
      answer.catch(ignoreDeath); // heard of below
      answers.push(answer);
      if (part !== parts.at(-1)) await this.#exchange(this.#layouts[i]!, answer);
    }
    this.#freeLive(tree);
    const answer = Promise.all(answers).then(
      (outputs) => Object.assign({}, ...outputs) as HostTree,
    );
    answer.catch(ignoreDeath); // heard of by whoever waits
    const spread = fetch.filter((name) => Object.hasOwn(shares.outputs, name));
    if (spread.length === 0) return { answer };
    const fetched = await this.#agree(answer);
    const joined: Record<string, HostTensor> = {};
    for (const name of spread) {
      const bytes = await this.#group.gather(bytesOf(fetched[name]!.data));
      if (this.#group.rank > 0) continue;
      joined[name] = joinParts(fetched[name]!, bytes, shares.outputs[name]!);
    }
    return { answer: Promise.resolve({ ...fetched, ...joined }) };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.dispose()));
  }

  #ownInputs(inputs: HostTree): HostTree {
    const { shares } = this.#program;
    return Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [
        name,
        partOfRank(tensor, shares.inputs[name] ?? 'each', this.#group),
      ]),
    );
  }

  /** Without the last ones if nobody asks for what they make. */
  #neededParts(fetch: readonly string[]): readonly HostedExecutable[] {
    const { signature } = this.#program;
    const last = this.parts.findLastIndex(
      ({ returned, outputs }) =>
        Object.keys(returned).some((name) => Object.hasOwn(signature.state, name)) ||
        fetch.some((name) => Object.hasOwn(outputs, name)),
    );
    return this.parts.slice(0, last + 1);
  }

  /** Returns the values to fetch on this rank; a value that every rank holds whole is fetched on rank 0 alone. */
  #fetchedOf(part: HostedExecutable, fetch: readonly string[]): string[] {
    const { shares } = this.#program;
    return fetch.filter(
      (name) =>
        Object.hasOwn(part.outputs, name) &&
        (this.#group.rank === 0 || Object.hasOwn(shares.outputs, name)),
    );
  }

  #sharedOf(part: HostedExecutable): SharedTensors | undefined {
    if (this.#memory === undefined) return undefined;
    const own = (kind: 'inputs' | 'outputs', specs: object) => {
      const offsets = this.#layouts.flatMap((layout) => Object.entries(layout[kind]));
      return Object.fromEntries(offsets.filter(([name]) => Object.hasOwn(specs, name)));
    };
    return {
      memory: this.#memory,
      bytes: this.#layouts.at(-1)!.end,
      inputs: own('inputs', part.signature.inputs),
      outputs: own('outputs', part.outputs),
    };
  }

  async #prepareMemory(parts: number): Promise<void> {
    const { end } = this.#layouts.at(-1)!;
    if (parts === 1 || end === 0 || this.#memory !== undefined) return;
    const path = createMemoryFile(end);
    await this.#group.map(path, end);
    this.#memory = path;
  }

  async #exchange({ sums, joins }: ExchangeLayout, answer: Promise<unknown>): Promise<void> {
    await this.#agree(answer);
    const memory = this.#memory!;
    // The engine's process has mapped it by now: nobody else has to find it.
    rmSync(memory, { force: true });
    for (const { of, ...block } of sums) await this.#group.sum({ memory, ...block }, of);
    for (const { target, ...block } of joins) await this.#group.join({ memory, ...block }, target);
  }

  /** Frees the values that parts have left for later parts. */
  #freeLive(tree: RankTree): void {
    const { state } = this.#program.signature;
    const live = this.parts
      .flatMap(({ returned }) => Object.keys(returned))
      .filter((name) => !Object.hasOwn(state, name));
    const left = live.filter((name) => tree.tree.has(name));
    if (left.length > 0) tree.tree.dispose(left).catch(ignoreDeath);
  }
}

class Failed {
  readonly error: Error;

  constructor(error: Error) {
    this.error = error;
  }
}

/** What came of work; a failure is for the ranks to agree on, each at the same place. */
function settled<T>(work: Promise<T>): Promise<T | Failed> {
  return work.catch((error: unknown) => new Failed(error as Error));
}

function ownOf(inputs: HostTree, part: HostedExecutable): HostTree {
  return Object.fromEntries(
    Object.entries(inputs).filter(([name]) => Object.hasOwn(part.signature.inputs, name)),
  );
}
