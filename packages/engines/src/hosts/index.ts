/** A command as one of several processes; the rest is loaded when it is. */
import type { Services } from '@eddy/core';

import { leaveEnvironment, launchOf, type Launch } from '../mpi/launcher.ts';

export { launchOf };

/** For the command on rank 0 to save what it can and say what has happened. */
const LAST_WORDS_MS = 4000;

export interface HostServices extends Pick<Services, 'cacheFolder' | 'offline' | 'notify'> {
  /** Says to the user what ends the run. */
  readonly report: (error: unknown) => void;
}

/**
 * Runs a command on rank 0; the other ranks work for it.
 *
 * @returns the exit code: the command's on all ranks
 * @throws MPI_NOT_FOUND, MPI_MISMATCH, HOSTS_DIFFER
 */
export async function withHosts(
  launch: Launch,
  services: HostServices,
  command: () => Promise<number>,
): Promise<number> {
  const [{ HostGroup }, { MpiTransport }] = await Promise.all([
    import('../mpi/group.ts'),
    import('../mpi/transport.ts'),
  ]);
  const group = await HostGroup.meet(await MpiTransport.join(launch));
  leaveEnvironment(process.env);
  group.onLost = (error) => {
    const end = () => {
      services.report(error);
      void group.abort(1);
    };
    setTimeout(end, group.rank === 0 ? LAST_WORDS_MS : 0);
  };
  if (group.rank > 0) {
    const [{ followRank }, { xlaOptionsOn }] = await Promise.all([
      import('./follow.ts'),
      import('./options-on-rank.ts'),
    ]);
    const own = { ...services, signal: new AbortController().signal };
    return followRank(group, (name, config) => xlaOptionsOn(name, config, own)(group));
  }
  const { LeadingRank } = await import('./lead.ts');
  const rank = LeadingRank.lead(group);
  const exitCode = await command();
  await rank.close(exitCode);
  return exitCode;
}

/** @throws HOSTS_UNSUPPORTED where this process leads others */
export async function refuseHosts(what: string): Promise<void> {
  const [{ leadingRank }, { hostsUnsupported }] = await Promise.all([
    import('./lead.ts'),
    import('../mpi/errors.ts'),
  ]);
  if (leadingRank() !== null) throw hostsUnsupported(what);
}
