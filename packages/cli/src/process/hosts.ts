/** A command that a launcher started in several processes: rank 0 runs it, the others work for that. */
import { followHosts, leadHosts, type launchedGroup } from '@eddy/engines/hosts';

import { EXIT } from './exit-codes.ts';
import { loadSettings } from '../project/load.ts';

type HostGroup = NonNullable<ReturnType<typeof launchedGroup>>;

/** @returns the exit code: of the command, or done for a process that was let go at its end. */
export async function withHosts(group: HostGroup, command: () => Promise<number>): Promise<number> {
  const { cacheFolder, offline, allowInstall } = await loadSettings();
  const services = {
    cacheFolder,
    offline: offline || !allowInstall,
    say: (text: string) => process.stderr.write(`host ${group.rank}: ${text}\n`),
  };
  if (group.rank > 0) {
    await followHosts(group, services);
    return EXIT.done;
  }
  const hosts = await leadHosts(group, services);
  try {
    return await command();
  } finally {
    await hosts.close();
  }
}
