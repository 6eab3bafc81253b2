/** One engine out of those of several hosts: each has its rows of every batch. */
import type {
  CompileOptions,
  DeviceTree,
  Engine,
  EngineInfo,
  Executable,
  ExecutableStats,
  MemoryStats,
} from '@eddy/core';
import type { HostTree, Program, Share } from '@eddy/tensor';
import { bytesOf } from '@eddy/tensor/spec';

import type { GraphArgument, GraphResult, TracedGraph } from '@eddy/compiler/graph';
import { partsOf } from '@eddy/compiler/graph';
import type { Exchange } from '@eddy/compiler/engine';
import { specsOf, type HostedExecutable } from '../process/executable.ts';
import type { HostedEngine, PreparedProgram } from '../process/hosted-engine.ts';
import { FirstHostExecutable, HostsExecutable, type HostShares } from './hosts-executable.ts';
import { HostsTree } from './hosts-tree.ts';
import { SendQueue } from './send-queue.ts';

/** A program cut over hosts, ready to be compiled. */
export interface PreparedParts {
  readonly whole: TracedGraph;
  readonly exchanges: readonly Exchange[];
  /** For each host all parts. */
  readonly ofHosts: readonly (readonly PreparedProgram[])[];
}

export class SeveralHostsEngine implements Engine {
  readonly info: EngineInfo;
  readonly #hosts: readonly HostedEngine[];
  readonly #prepare: (program: Program) => PreparedParts | undefined;
  readonly #queue = new SendQueue();

  /**
   * @param hosts  the first is this one.
   * @param prepare  cuts a program; undefined where it can't be.
   */
  constructor(
    hosts: readonly HostedEngine[],
    info: EngineInfo,
    prepare: (program: Program) => PreparedParts | undefined,
  ) {
    this.#hosts = hosts;
    this.info = info;
    this.#prepare = prepare;
  }

  /** Of the engine process here, for tests and tools. */
  get pid(): number | undefined {
    return this.#hosts[0]!.pid;
  }

  async compile(program: Program, options: CompileOptions = {}): Promise<Executable> {
    const prepared = this.#prepare(program);
    if (prepared === undefined) {
      return new FirstHostExecutable(await this.#hosts[0]!.compile(program, options), this.#queue);
    }
    const { whole, exchanges, ofHosts } = prepared;
    const sent = this.#hosts.map((host, i) => ofHosts[i]!.map((part) => host.sendPrepared(part)));
    const compiling = Promise.all(
      sent.map((ofHost) => Promise.all(ofHost.map((part) => part.compiled))),
    );
    compiling.catch(() => undefined); // heard of below
    await Promise.all(sent.flat().map((part) => part.left));
    options.meanwhile?.();
    const compiled = await compiling;
    const parts = ofHosts[0]!.map((_, part) => compiled.map((ofHost) => ofHost[part]!));
    const signature = {
      name: whole.name,
      state: specsOf(whole.arguments, 'state', whole.devices),
      inputs: specsOf(whole.arguments, 'input', whole.devices),
      outputs: specsOf(whole.results, 'output', whole.devices),
    };
    const shares: HostShares = {
      state: sharesOf(whole.arguments, 'state'),
      inputs: sharesOf(whole.arguments, 'input'),
      outputs: sharesOf(whole.results, 'output'),
    };
    const count = this.#hosts.length;
    const argumentBytes =
      bytesOf(partsOf(signature.state, shares.state, count)) +
      bytesOf(partsOf(signature.inputs, shares.inputs, count));
    const stats = statsOf(
      parts.map(([first]) => first!),
      argumentBytes,
    );
    return new HostsExecutable({ signature, shares, exchanges, parts }, stats, this.#queue);
  }

  async upload(tree: HostTree): Promise<DeviceTree> {
    const trees = await Promise.all(this.#hosts.map((host) => host.upload({})));
    const uploaded = new HostsTree(trees, this.#queue);
    await uploaded.write(tree);
    return uploaded;
  }

  /** Of the host with the least room: all hold as much. */
  async memory(): Promise<MemoryStats> {
    const all = await Promise.all(this.#hosts.map((host) => host.memory()));
    const room = ({ usableBytes = Infinity, bytesInUse = 0 }: MemoryStats) =>
      usableBytes - bytesInUse;
    return all.reduce((least, stats) => (room(stats) < room(least) ? stats : least));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.dispose()));
  }
}

function sharesOf(
  tensors: readonly (GraphArgument | GraphResult)[],
  wanted: (GraphArgument | GraphResult)['kind'],
): Record<string, Share> {
  return Object.fromEntries(
    tensors.flatMap(({ kind, name, share }) =>
      kind === wanted && share !== undefined ? [[name, share]] : [],
    ),
  );
}

/** On one host: parts run one after the other, and the largest scratch counts. */
function statsOf(parts: readonly HostedExecutable[], argumentBytes: number): ExecutableStats {
  const all = parts.map(({ stats }) => stats);
  const scratch = ({ outputBytes = 0, temporaryBytes = 0 }: ExecutableStats) =>
    outputBytes + temporaryBytes;
  const largest = all.reduce((most, stats) => (scratch(stats) > scratch(most) ? stats : most));
  const { outputBytes, temporaryBytes } = largest;
  return {
    compileMs: all.reduce((sum, { compileMs }) => sum + compileMs, 0),
    cached: all.every(({ cached }) => cached),
    argumentBytes,
    ...(outputBytes !== undefined && { outputBytes }),
    ...(temporaryBytes !== undefined && { temporaryBytes }),
    flops: all.reduce((sum, { flops = 0 }) => sum + flops, 0),
  };
}
