/** A program that several hosts run together, in parts, with what they exchange in between. */
import type { DeviceTree, Executable, ExecutableStats, RunOptions } from '@eddy/core';
import type { HostTensor, HostTree, Share, SpecTree } from '@eddy/tensor';

import { checkRun, type Signature } from '../contract/check-run.ts';
import type { Exchange } from '@eddy/compiler/engine';
import type { HostedExecutable } from '../process/executable.ts';
import { exchanged } from './exchange.ts';
import { ignoreDeath, joinParts, ownHostsTree, partsOn, type HostsTree } from './hosts-tree.ts';
import type { SendQueue, Sent } from './send-queue.ts';

/** What each host has of a program's tensors, of those that it has not whole. */
export interface HostShares {
  readonly state: Readonly<Record<string, Share>>;
  readonly inputs: Readonly<Record<string, Share>>;
  readonly outputs: Readonly<Record<string, Share>>;
}

export interface HostsProgram {
  /** Of whole tensors. */
  readonly signature: Signature;
  readonly shares: HostShares;
  readonly exchanges: readonly Exchange[];
  /** Of each part that of each host. */
  readonly parts: readonly (readonly HostedExecutable[])[];
}

export class HostsExecutable implements Executable {
  readonly name: string;
  readonly outputs: SpecTree;
  readonly stats: ExecutableStats;
  readonly #program: HostsProgram;
  readonly #queue: SendQueue;

  constructor(program: HostsProgram, stats: ExecutableStats, queue: SendQueue) {
    this.name = program.signature.name;
    this.outputs = program.signature.outputs;
    this.stats = stats;
    this.#program = program;
    this.#queue = queue;
  }

  /** @throws what the engines of the hosts do, and HOST_LOST */
  async run(state: DeviceTree, inputs: HostTree, options: RunOptions = {}): Promise<HostTree> {
    const tree = ownHostsTree(state, this.#queue);
    const specOf = (name: string) => tree.spec(name, this.name);
    checkRun(this.#program.signature, specOf, inputs, options);
    return this.#queue.add(() => this.#send(tree, inputs, options));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#program.parts.flat().map((executable) => executable.dispose()));
  }

  async #send(
    tree: HostsTree,
    inputs: HostTree,
    { fetch = [], bind = {} }: RunOptions,
  ): Promise<Sent<HostTree>> {
    const { signature, shares, exchanges } = this.#program;
    const wanted = Object.keys(signature.state).map(
      (name) => [bind[name] ?? name, shares.state[name] ?? 'each'] as const,
    );
    await tree.arrange(wanted);

    const parts = this.#neededParts(fetch);
    const hosts = this.#inputsOfHosts(inputs);
    const names = exchanges.map(({ name }) => name);
    const answers: Promise<HostTree[]>[] = [];
    for (const part of parts) {
      const answer = Promise.all(
        part.map((executable, host) => {
          const wantedOfHost = [...fetch, ...names].filter(
            (name) =>
              Object.hasOwn(executable.outputs, name) &&
              (host === 0 || names.includes(name) || Object.hasOwn(shares.outputs, name)),
          );
          const options = { bind, fetch: wantedOfHost };
          return executable.run(tree.ofHost(host), hosts[host]!, options);
        }),
      );
      answer.catch(ignoreDeath); // heard of below
      answers.push(answer);
      const brought = exchanges.filter(({ name }) => Object.hasOwn(part[0]!.outputs, name));
      if (part === parts.at(-1) || brought.length === 0) continue;
      const outputs = await answer;
      for (const { name, kind } of brought) {
        const value = exchanged(
          kind,
          outputs.map((tensors) => tensors[name]!),
        );
        for (const host of hosts) host[name] = value;
      }
    }
    this.#freeLive(tree, parts);
    return { answer: Promise.all(answers).then((outputs) => this.#fetched(fetch, outputs)) };
  }

  /** Without the last ones if nobody asks for what they make. */
  #neededParts(fetch: readonly string[]): readonly (readonly HostedExecutable[])[] {
    const { parts, signature } = this.#program;
    const last = parts.findLastIndex(
      ([first]) =>
        Object.keys(first!.returned).some((name) => Object.hasOwn(signature.state, name)) ||
        fetch.some((name) => Object.hasOwn(first!.outputs, name)),
    );
    return parts.slice(0, last + 1);
  }

  #inputsOfHosts(inputs: HostTree): Record<string, HostTensor>[] {
    const count = this.#program.parts[0]!.length;
    const hosts = Array.from({ length: count }, (): Record<string, HostTensor> => ({}));
    for (const [name, tensor] of Object.entries(inputs)) {
      const share = this.#program.shares.inputs[name] ?? 'each';
      partsOn(tensor, share, count).forEach((part, host) => (hosts[host]![name] = part));
    }
    return hosts;
  }

  /** What parts have left for one another. */
  #freeLive(tree: HostsTree, parts: readonly (readonly HostedExecutable[])[]): void {
    const { state } = this.#program.signature;
    const live = parts
      .flatMap(([first]) => Object.keys(first!.returned))
      .filter((name) => !Object.hasOwn(state, name));
    if (live.length === 0) return;
    for (const host of parts[0]!.keys()) tree.ofHost(host).dispose(live).catch(ignoreDeath);
  }

  #fetched(fetch: readonly string[], parts: readonly (readonly HostTree[])[]): HostTree {
    return Object.fromEntries(
      fetch.map((name) => {
        const ofHosts = parts.find(([first]) => Object.hasOwn(first!, name))!;
        const share = this.#program.shares.outputs[name];
        if (share === undefined) return [name, ofHosts[0]![name]!];
        return [
          name,
          joinParts(
            ofHosts.map((tree) => tree[name]!),
            share,
          ),
        ];
      }),
    );
  }
}

/** A program that cannot be cut, on the first host. */
export class FirstHostExecutable implements Executable {
  readonly name: string;
  readonly outputs: SpecTree;
  readonly stats: ExecutableStats;
  readonly #executable: HostedExecutable;
  readonly #queue: SendQueue;

  constructor(executable: HostedExecutable, queue: SendQueue) {
    this.name = executable.name;
    this.outputs = executable.outputs;
    this.stats = executable.stats;
    this.#executable = executable;
    this.#queue = queue;
  }

  async run(state: DeviceTree, inputs: HostTree, options: RunOptions = {}): Promise<HostTree> {
    const tree = ownHostsTree(state, this.#queue);
    const { signature, returned } = this.#executable;
    checkRun(signature, (name) => tree.spec(name, this.name), inputs, options);
    const bound = (name: string) => options.bind?.[name] ?? name;
    return this.#queue.add(async () => {
      await tree.arrange(Object.keys(signature.state).map((name) => [bound(name), 'first']));
      const answer = this.#executable.run(tree.ofHost(0), inputs, options);
      tree.changedOnFirst(Object.keys(returned).map(bound));
      return { answer };
    });
  }

  dispose(): Promise<void> {
    return this.#executable.dispose();
  }
}
