/** The compiling engine on all hosts that this process leads, or on this one alone. */
import { createHash } from 'node:crypto';

import type { Engine } from '@eddy/core';

import { hostsDiffer } from './errors.ts';
import { traitDifference } from '../pjrt/host-traits.ts';
import { ledHosts } from './lead.ts';
import { SeveralHostsEngine } from './several-hosts-engine.ts';
import {
  createXlaEngine,
  forkXla,
  startXla,
  type XlaEngineOptions,
  type XlaHost,
} from '../pjrt/xla-engine.ts';

/**
 * @param config  of the engine's plugin, from which each other host makes its own options.
 * @throws what createXlaEngine does, HOSTS_MISSING, HOST_LOST, HOSTS_DIFFER
 */
export async function createXlaEngineOnHosts(
  options: XlaEngineOptions,
  config: unknown,
): Promise<Engine> {
  const hosts = ledHosts();
  // A device that is not here is on no other host either.
  if (hosts === null || options.target !== undefined) return createXlaEngine(options);
  const others = await hosts.open(options.name, config);
  const started = await allStarted([
    startXla(forkXla(options), options),
    ...others.map(({ link, offer }) =>
      startXla(link, { ...options, ...offer.options }, offer.machine),
    ),
  ]);
  for (const [i, { place }] of others.entries()) {
    const difference = traitDifference(started[0]!.traits, started[i + 1]!.traits);
    if (difference === undefined) continue;
    await disposeAll(started);
    throw hostsDiffer({ place, ...difference });
  }
  return joinXlaHosts(started);
}

/** @param hosts  of the same traits; the first is this one. */
export function joinXlaHosts(hosts: readonly XlaHost[]): SeveralHostsEngine {
  const engines = hosts.map(({ engine }) => engine);
  const { info } = engines[0]!;
  const count = hosts.length;
  const fingerprint = createHash('sha256').update(`${count} hosts\0${info.fingerprint}`);
  return new SeveralHostsEngine(
    engines,
    {
      ...info,
      description: `${info.description}, on each of ${count} hosts`,
      devices: count * info.devices,
      hosts: count,
      fingerprint: fingerprint.digest('hex'),
    },
    (program) => {
      const lowered = hosts[0]!.lowerParts(program, count);
      if (lowered === undefined) return undefined;
      const { parts, ...rest } = lowered;
      return { ...rest, ofHosts: hosts.map((host) => parts.map((part) => host.prepare(part))) };
    },
  );
}

/** All of them, or none. */
async function allStarted(starting: readonly Promise<XlaHost>[]): Promise<XlaHost[]> {
  const settled = await Promise.allSettled(starting);
  const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return started;
  await disposeAll(started);
  throw failed.reason;
}

async function disposeAll(hosts: readonly XlaHost[]): Promise<void> {
  await Promise.all(hosts.map(({ engine }) => engine.dispose()));
}
