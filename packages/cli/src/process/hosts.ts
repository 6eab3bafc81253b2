/** A command that a launcher started in several processes: rank 0 runs it, the others work for that. */
import { withHosts, type launchOf } from '@eddy/engines/hosts';

import { loadSettings } from '../project/load.ts';

type Launch = NonNullable<ReturnType<typeof launchOf>>;

/**
 * @param report  says what ends the run
 * @returns the exit code of the command, on each rank
 */
export async function onHosts(
  launch: Launch,
  report: (error: unknown) => void,
  command: () => Promise<number>,
): Promise<number> {
  const { cacheFolder, offline, allowInstall } = await loadSettings();
  const services = {
    cacheFolder,
    offline: offline || !allowInstall,
    notify: (level: string, text: string) =>
      process.stderr.write(`rank ${launch.rank}: ${level}: ${text}\n`),
    report,
  };
  return withHosts(launch, services, command);
}
