/** The compiling engine on all ranks that this process leads, or on this one alone. */
import { createHash } from 'node:crypto';

import type { Engine, EngineInfo } from '@eddy/core';
import type { GraphArgument, GraphResult, TracedGraph } from '@eddy/compiler/graph';
import type { Program, Share } from '@eddy/tensor';

import { specsOf } from '../process/executable.ts';
import { createXlaEngine, type XlaEngineOptions, type XlaHost } from '../pjrt/xla-engine.ts';
import { HostsEngine } from './hosts-engine.ts';
import { leadingRank, type LeadingRank } from './lead.ts';
import type { RankShares, RanksProgram } from './orders.ts';
import type { OptionsOn } from './options-on-rank.ts';

/**
 * @param config  of the engine's plugin, from which each rank makes its own options.
 * @throws what createXlaEngine does, HOST_LOST, HOSTS_DIFFER
 */
export async function createXlaEngineOnHosts(
  name: string,
  config: unknown,
  optionsOn: OptionsOn,
): Promise<Engine> {
  const rank = leadingRank();
  const options = await optionsOn(rank?.group ?? null);
  // A device that is not here is on no other host either.
  if (rank === null || options.target !== undefined) return createXlaEngine(options);
  return openOnRanks(rank, name, config, options);
}

/** @throws HOST_LOST, HOSTS_DIFFER, and what starting the engine throws on any rank */
export async function openOnRanks(
  rank: LeadingRank,
  name: string,
  config: unknown,
  options: XlaEngineOptions,
): Promise<Engine> {
  const { host, orders } = await rank.open(name, config, () => Promise.resolve(options));
  const count = orders.size;
  return new HostsEngine(orders, infoOf(host.engine.info, count), (program) =>
    programFor(host, program, count),
  );
}

function infoOf(info: EngineInfo, count: number): EngineInfo {
  const fingerprint = createHash('sha256').update(`${count} hosts\0${info.fingerprint}`);
  return {
    ...info,
    description: `${info.description}, on each of ${count} ranks`,
    devices: count * info.devices,
    hosts: count,
    fingerprint: fingerprint.digest('hex'),
  };
}

function programFor(host: XlaHost, program: Program, ranks: number): RanksProgram {
  const cut = host.lowerParts(program, ranks);
  if (cut !== undefined) {
    const { whole, exchanges, parts } = cut;
    const shares = {
      state: sharesOf(whole.arguments, 'state'),
      inputs: sharesOf(whole.arguments, 'input'),
      outputs: sharesOf(whole.results, 'output'),
    };
    return { signature: signatureOf(whole), shares, exchanges, parts };
  }
  const lowered = host.lower(program);
  const signature = signatureOf(lowered);
  return { signature, shares: WHOLE, exchanges: [], parts: [lowered] };
}

const WHOLE: RankShares = { state: {}, inputs: {}, outputs: {} };

type Described = Pick<TracedGraph, 'name' | 'devices' | 'arguments' | 'results'>;

function signatureOf({ name, devices, arguments: args, results }: Described) {
  return {
    name,
    state: specsOf(args, 'state', devices),
    inputs: specsOf(args, 'input', devices),
    outputs: specsOf(results, 'output', devices),
  };
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
